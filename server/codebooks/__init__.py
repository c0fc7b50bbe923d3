"""The codebook: variables, their codes, and the versions that rounds pin."""

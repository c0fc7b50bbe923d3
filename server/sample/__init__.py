"""The sample study: synthetic posts, a codebook and simulated codings to look around with."""

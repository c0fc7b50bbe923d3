"""What becomes of what was coded when a new version of the codebook means something else."""

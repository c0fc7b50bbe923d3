"""Gold answers from a file."""

"""The final dataset and the proportions in it."""

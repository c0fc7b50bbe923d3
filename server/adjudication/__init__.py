"""Disagreements and what was decided about them."""

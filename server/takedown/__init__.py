"""Taking posts down: their text and author go for good, and what was coded stays or goes with them."""

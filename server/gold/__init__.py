"""Gold: an expert's answers to posts, known in advance; for training and silent checks, never a decision."""

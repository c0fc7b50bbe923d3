"""After reveal: codings side by side, what is said about them, and what is coded again after that."""

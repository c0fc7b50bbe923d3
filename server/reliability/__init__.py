"""From stored codings to agreement, and the pages that show it."""

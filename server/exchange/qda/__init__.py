"""Whole projects in the exchange format of the programs for qualitative analysis: REFI-QDA, `.qdpx`."""

"""How fast the annotator's path is, measured against a bare reference."""

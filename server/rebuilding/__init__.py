"""Codings and decisions rebuilt from the history, and compared with what is stored."""

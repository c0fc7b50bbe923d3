"""Codings that were made elsewhere, from a file."""

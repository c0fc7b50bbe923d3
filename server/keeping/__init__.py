"""Keeping data: backups and what is restored from them, moving between databases, checking all of it."""

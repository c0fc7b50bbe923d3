"""The database: SQLite or PostgreSQL, one program.

Take a session from `Database.reading()` or `Database.writing()`; never commit by hand.
"""

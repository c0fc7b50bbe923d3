"""How much a test does: little in the usual run, all of it with INTERCODER_TRUST=full."""

import os

import pytest

from server.db.engine import Database

IS_FULL = os.environ.get("INTERCODER_TRUST") == "full"


def size(short: int, full: int) -> int:
    """The number for this run."""
    return full if IS_FULL else short


# For what says as much about one database in the usual run; both in full.
on_both_in_full = pytest.mark.parametrize(
    "stock", ["sqlite", "postgres"] if IS_FULL else ["sqlite"], indirect=True
)


def name_of(database: Database) -> str:
    """Which of the two it is."""
    return "SQLite" if database.is_sqlite else "PostgreSQL"

"""Whether anything was written into a SQLite database meanwhile: by its own count, and by hashes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from server.db.engine import Database, connection_of
from server.keeping.copying import Digests, digests
from server.keeping.files import read_only, sqlite_file


class Watch:
    """Says after each request whether something was committed since it was last asked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._version = self._now()

    def _now(self) -> int:
        # Counts what other connections have committed; a transaction without a change is not counted.
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def has_changed(self) -> bool:
        """Whether somebody has committed a change since the last time."""
        before, self._version = self._version, self._now()
        return self._version != before


@contextmanager
def watching(database: Database) -> Iterator[Watch]:
    """A watch over the database, which has to lie in a SQLite file."""
    file = sqlite_file(database.url)
    assert file is not None
    connection = read_only(file)
    try:
        yield Watch(connection)
    finally:
        connection.close()


def held(database: Database) -> Digests:
    """How many rows each table has, and a hash of all they hold."""
    with database.reading() as db:
        return digests(connection_of(db))

"""Posts on SQLite before they are seen: in a file beside the database, so that nobody waits while it grows.

SQLite has one writer. What is written here is no part of the database; to remove the file is to have done
nothing. From here posts come into the database many at once, by a single statement, which is as quick as
SQLite can be.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, make_url

from server.corpora.writing import COLUMNS, Place, PostRow, insert_rows
from server.db.engine import Database

_NAMES = ", ".join(COLUMNS)
_TABLE = f"CREATE TABLE post (project_id, import_batch_id, number, {_NAMES})"
_COPY = (
    f"INSERT INTO main.post (project_id, import_batch_id, number, {_NAMES}) "  # noqa: S608
    f"SELECT project_id, ?, number + ?, {_NAMES} FROM staged.post WHERE number BETWEEN ? AND ? ORDER BY rowid"
)


class Staging:
    """The posts of one import. They are numbered from 1 on, and are of no import yet."""

    def __init__(self, database: Database, job_id: int, runner: str, project_id: int) -> None:
        self._database, self._project_id = database, project_id
        beside = Path(make_url(database.url).database or "")
        self._folder, self._name = beside.parent, f"{beside.name}-import-{job_id}-"
        self._file = self._folder / f"{self._name}{runner}"

    def write(self, rows: Iterable[PostRow]) -> None:
        """Write all posts, in place of what earlier runners have left."""
        for left in self._folder.glob(f"{self._name}*"):
            left.unlink(missing_ok=True)
        with self._open() as connection:
            insert_rows(connection, Place(self._project_id, 0, 1), rows)

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        engine = create_engine(f"sqlite:///{self._file}", poolclass=NullPool)
        try:
            with engine.connect() as connection:
                # Nothing is lost with this file: whatever was in it is made again.
                for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
                    connection.exec_driver_sql(f"PRAGMA {pragma}")
                connection.exec_driver_sql(_TABLE)
                yield connection
                connection.commit()
        finally:
            engine.dispose()

    def show(self, batch_id: int, before: int, first: int, last: int) -> None:
        """Put posts into the database, in a transaction of its own; their numbers follow `before`."""
        # The driver's own cursor: no file can be attached within a transaction.
        with self._database.alone() as connection, closing(connection.connection.cursor()) as cursor:
            cursor.execute("ATTACH ? AS staged", (str(self._file),))
            try:
                self._copy(cursor, (batch_id, before, first, last))
            finally:
                cursor.execute("DETACH staged")

    def _copy(self, cursor: Any, values: tuple[int, ...]) -> None:
        cursor.execute("BEGIN IMMEDIATE")
        try:
            cursor.execute(_COPY, values)
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")

    def remove(self) -> None:
        """Leave nothing of it."""
        self._file.unlink(missing_ok=True)

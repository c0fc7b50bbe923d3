"""Posts on SQLite before they are seen: in a file beside the database, so that nobody waits while it grows.

SQLite has one writer. What is written here is no part of the database; to remove the file is to have done
nothing. Whoever finds such a file after the server was killed makes it anew from the file of posts.
"""

import marshal
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import make_url

from server.corpora.writing import PostRow
from server.db.engine import Database

_IN_A_BLOCK = 1_000
_SIZE = 8


class Staging:
    """The rows of the posts of one import."""

    def __init__(self, database: Database, job_id: int, runner: str) -> None:
        beside = Path(make_url(database.url).database or "")
        self._folder, self._name = beside.parent, f"{beside.name}-import-{job_id}-"
        self._file = self._folder / f"{self._name}{runner}"

    def write(self, rows: Iterable[PostRow]) -> None:
        """Write all rows."""
        source = iter(rows)
        with self._file.open("wb") as file:
            while some := list(islice(source, _IN_A_BLOCK)):
                block = marshal.dumps(some)
                file.write(len(block).to_bytes(_SIZE, "big") + block)

    def read(self, at_once: int) -> Iterator[list[PostRow]]:
        """The rows again, so many at once."""
        with self._file.open("rb") as file:
            rows = chain.from_iterable(_blocks(file))
            while some := list(islice(rows, at_once)):
                yield some

    def remove(self) -> None:
        """Leave nothing of it, nor of what earlier runners have left."""
        for left in self._folder.glob(f"{self._name}*"):
            left.unlink(missing_ok=True)


def _blocks(file: BinaryIO) -> Iterator[list[PostRow]]:
    """What this process has written a moment ago; nobody else's file is ever read."""
    while size := file.read(_SIZE):
        yield marshal.loads(file.read(int.from_bytes(size, "big")))  # noqa: S302

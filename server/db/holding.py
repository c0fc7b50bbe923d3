"""One server process a SQLite folder: two writers from different processes would wait for one another."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from server.errors import Refusal
from server.language import gettext as _

FILE = "server.lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder until the block ends, or the process does, however it ends.

    The lock is SQLite's own on a file beside the database: it works on every system, and no killed process
    leaves it behind. Raises `Refusal` where another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / FILE, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            message = _("Another process works on the data folder %s. Stop it, or choose another folder.")
            raise Refusal(message % folder) from problem
        yield

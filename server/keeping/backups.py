"""Backups of a running server, of SQLite and of PostgreSQL alike, and restoring them into either."""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path

from server.clock import now
from server.db.engine import Database, connection_of
from server.db.migrate import migrate, refuse_newer
from server.keeping.copying import Digests, copy_rows, digests, refuse_filled
from server.keeping.files import in_one_transaction, read_only, refuse_broken, sqlite_engine, taking_shape

_NAME = "intercoder-%Y%m%dT%H%M%S.%fZ.sqlite3"
_PATTERN = "intercoder-*Z.sqlite3"


@dataclass(frozen=True)
class Kept:
    """A backup that was made or restored: which file, and what it holds.

    `aside` is where the database that was there before is now; None where there was none.
    """

    file: Path
    digests: Digests
    aside: Path | None = None

    @property
    def n_rows(self) -> int:
        """The rows of all tables."""
        return sum(each.rows for each in self.digests.values())


def file_in(place: Path, moment: datetime) -> Path:
    """The file that is meant: `place` itself, or in a folder one named by the moment."""
    return place / moment.strftime(_NAME) if place.is_dir() else place


def back_up(database: Database, place: Path) -> Kept:
    """Write everything that is saved now into one file, while others go on working.

    The file is checked, and appears under its name when it is whole. Raises `Refusal` where it cannot be
    written.
    """
    file = file_in(place, now())
    with taking_shape(file) as unfinished:
        found = _of_sqlite(database, unfinished) if database.is_sqlite else _of_postgres(database, unfinished)
        refuse_broken(unfinished)
    return Kept(file, found)


def forget_older(folder: Path, keep: int) -> list[Path]:
    """Delete all backups of a folder but the newest `keep`; returns those that are gone."""
    older = sorted(folder.glob(_PATTERN))[:-keep]
    for file in older:
        file.unlink(missing_ok=True)
    return older


def _of_sqlite(database: Database, file: Path) -> Digests:
    with database.reading() as db, closing(sqlite3.connect(file)) as target:
        raw = connection_of(db).connection.driver_connection
        # In one step: in several it would begin anew whenever somebody saves.
        raw.backup(target)  # type: ignore[union-attr]
        target.execute("PRAGMA journal_mode=DELETE")
    with sqlite_engine(file) as engine, engine.connect() as connection:
        return digests(connection)


def _of_postgres(database: Database, file: Path) -> Digests:
    migrate(f"sqlite:///{file.resolve()}")
    with database.reading() as db, sqlite_engine(file) as engine, engine.begin() as target:
        return copy_rows(connection_of(db), target)


def restore_sqlite(file: Path, target: Path, before: Callable[[], None] = lambda: None) -> Kept:
    """Put a backup where the SQLite file of a server belongs; nobody may be working on it.

    What is there is set aside under another name, once the backup is whole beside it. `before` is called when
    nothing is refused any more and nothing has been written yet.

    Raises:
        Refusal: the file is no backup, damaged, or of a newer Intercoder.
    """
    refuse_broken(file)
    refuse_newer(f"sqlite:///{file.resolve()}")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = _place_aside(target) if target.exists() else None
    before()
    with taking_shape(target, partial(_set_aside, target, aside)) as unfinished:
        with closing(read_only(file)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        migrate(f"sqlite:///{unfinished.resolve()}")
        with sqlite_engine(unfinished) as engine, engine.connect() as connection:
            found = digests(connection)
    return Kept(file, found, aside)


def restore_postgres(file: Path, url: str, before: Callable[[], None] = lambda: None) -> Kept:
    """Copy a backup into the empty PostgreSQL database at `url`, which has the newest schema.

    `before` is called when nothing is refused any more and nothing has been written yet.

    Raises:
        Refusal: the file is no backup, damaged, of a newer Intercoder; or the database is not empty.
    """
    with in_one_transaction(url) as target:
        refuse_filled(target)
    with tempfile.TemporaryDirectory() as folder:
        # A copy: it is brought to the newest schema, and the backup stays what it is.
        copy = Path(folder, "backup.sqlite3")
        restore_sqlite(file, copy, before)
        with sqlite_engine(copy) as engine, engine.connect() as source, in_one_transaction(url) as target:
            return Kept(file, copy_rows(source, target))


def _place_aside(file: Path) -> Path:
    """A name that nothing has, also where another database was set aside in the same second."""
    name = f"{file.name}.before-{now():%Y%m%dT%H%M%SZ}"
    names = (name if n == 1 else f"{name}-{n}" for n in count(1))
    return next(place for place in map(file.with_name, names) if not place.exists())


def _set_aside(file: Path, aside: Path | None) -> None:
    """Rename a database with what belongs to it, if there is one."""
    if aside is None:
        return
    for ending in ("", "-wal", "-shm"):
        part = file.with_name(file.name + ending)
        if part.exists():
            part.replace(aside.with_name(aside.name + ending))

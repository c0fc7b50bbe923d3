"""A backup is one SQLite file with every row of the database, whichever kind that is."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url

from server.errors import Refusal
from server.language import gettext as _

MAGIC = b"SQLite format 3\x00"


@contextmanager
def taking_shape(file: Path, make_room: Callable[[], object] = lambda: None) -> Iterator[Path]:
    """Where to write a file that appears under its name when it is whole and on the disk.

    `make_room` is called just before it appears.
    """
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        yield unfinished
        with unfinished.open("rb+") as written:
            os.fsync(written.fileno())
        make_room()
        unfinished.replace(file)
        _flush_folder(file.parent)
    except (OSError, sqlite3.Error) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise Refusal(
            _("%(file)s cannot be written: %(reason)s.") % {"file": file, "reason": reason}
        ) from problem
    finally:
        for left in file.parent.glob(f"{unfinished.name}*"):
            left.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """A rename is on the disk when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_only(file: Path) -> sqlite3.Connection:
    """A connection that cannot change the file."""
    return sqlite3.connect(f"file:{file.resolve()}?mode=ro", uri=True)


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for another kind."""
    parts = make_url(url)
    return Path(parts.database) if parts.get_backend_name() == "sqlite" and parts.database else None


@contextmanager
def in_one_transaction(url: str) -> Iterator[Connection]:
    """A transaction on a database, committed at the end of the block. Who writes to SQLite is alone on it."""
    file = sqlite_file(url)
    if file is not None:
        with sqlite_engine(file) as engine, engine.begin() as connection:
            yield connection
        return
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": "-c TimeZone=UTC"})
    with engine.begin() as connection:
        yield connection


def refuse_broken(file: Path) -> None:
    """`Refusal` unless the file is a whole SQLite database."""
    if not _begins_as_database(file):
        raise Refusal(_("%s is no backup of Intercoder.") % file)
    try:
        with closing(read_only(file)) as opened:
            [said] = opened.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as problem:
        said = str(problem)
    if said != "ok":
        raise Refusal(_("%(file)s is damaged: %(said)s.") % {"file": file, "said": said})


def _begins_as_database(file: Path) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


@contextmanager
def sqlite_engine(file: Path) -> Iterator[Engine]:
    """A SQLite file that one process alone works on, without checks of references within transactions."""
    engine = create_engine(f"sqlite:///{file.resolve()}", poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    try:
        yield engine
    finally:
        engine.dispose()

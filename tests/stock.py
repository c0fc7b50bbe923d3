"""Databases in stock: migrated once and peopled once; each test begins with a copy of its own."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from sqlmodel import Session, SQLModel

from server.db.engine import Database
from server.db.migrate import migrate
from server.settings import Settings
from tests import make
from tests.cast import Cast, make_cast
from tests.idle import Idle, connections_left
from tests.postgres import temporary_postgres

# For what the program alone makes of rows that other tests read from both databases: words, files, frames.
on_one_database = pytest.mark.parametrize("stock", ["sqlite"], indirect=True)


class Shelf(Protocol):
    """Where the two databases of the stock lie: `empty` and `peopled`."""

    def copied(self, name: str, folder: Path) -> AbstractContextManager[Settings]:
        """A copy of one for a server with this data folder, as long as it is wanted."""
        ...


class Stock:
    """An empty database, and one with a study beside a neighbouring one."""

    def __init__(self, shelf: Shelf, peopled: Settings) -> None:
        self._shelf = shelf
        database = Database(peopled.resolved_database_url)
        with database.writing() as db:
            noise(db)
            self._cast = make_cast(db)
        database.dispose()

    def empty(self, folder: Path) -> AbstractContextManager[Settings]:
        """A copy of the empty database."""
        return self._shelf.copied("empty", folder)

    def peopled(self, folder: Path) -> AbstractContextManager[Settings]:
        """A copy of the database that `cast` is in."""
        return self._shelf.copied("peopled", folder)

    def cast(self) -> Cast:
        """The people of the study, as if they had just been made."""
        return deepcopy(self._cast)


def noise(db: Session) -> None:
    """A neighbouring study, coded and decided, that a lax query would wrongly catch."""
    other = make_cast(db)
    book = make.published(db, other.project)
    posts = make.posts(db, other.project, 2)
    round_ = make.round_(db, other.project, book, posts, [other.annotator, other.other_annotator])
    for annotator, codes in ((other.annotator, ["attachment"]), (other.other_annotator, [])):
        for post in posts:
            answers = {"expression": codes, "emotion": "2", "stance": "against"}
            make.coding(db, book, round_, post, annotator, answers)
    make.decision(db, book, posts[0], "expression", ["quality"], other.lead)


def _for(folder: Path, settings: Settings) -> Settings:
    """These settings with this data folder; reading and checking all of them again takes two milliseconds."""
    return settings.model_copy(update={"data": folder})


class _Files:
    """SQLite: two files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._settings = Settings(data=folder, threads=4)

    @contextmanager
    def copied(self, name: str, folder: Path) -> Iterator[Settings]:
        shutil.copy(self._folder / name / "intercoder.sqlite3", folder)
        yield _for(folder, self._settings)


class _Database:
    """PostgreSQL: one database whose rows are exchanged, which touches no file: quicker than copying them."""

    def __init__(self, server: psycopg.Connection, url: str, idle: Idle) -> None:
        self._server, self._idle = server, idle
        self._settings = Settings(database_url=url, threads=4)
        self._tables = [table.name for table in SQLModel.metadata.sorted_tables]
        self._rows: dict[str, dict[str, bytes]] = {}
        self._counted: dict[str, list[tuple[str, int]]] = {}

    def at(self, folder: Path) -> Settings:
        """A server on this database."""
        return _for(folder, self._settings)

    def keep(self, name: str) -> None:
        """Keep all rows under a name, and how far the numbers of rows are counted."""
        found = {table: self._copied_out(table) for table in self._tables}
        self._rows[name] = {table: rows for table, rows in found.items() if rows}
        self._counted[name] = self._server.execute(
            "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences"
        ).fetchall()

    def _copied_out(self, table: str) -> bytes:
        with self._server.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT'.encode()) as copy:
            return b"".join(copy)

    @contextmanager
    def copied(self, name: str, folder: Path) -> Iterator[Settings]:
        self._server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s)",
            [self._idle.processes],
        )
        deleting = [f'DELETE FROM "{table}"' for table in self._tables]
        counting = [
            f"SELECT setval('{sequence}', {max(last, 1)}, {str(last > 0).lower()})"
            for sequence, last in self._counted[name]
        ]
        self._server.execute("; ".join([*deleting, *counting]).encode())
        for table, rows in self._rows[name].items():
            with self._server.cursor() as cursor, cursor.copy(f'COPY "{table}" FROM STDIN'.encode()) as copy:
                copy.write(rows)
        yield self.at(folder)


def sqlite_stock(folder: Path) -> Stock:
    """Both databases as files in a folder."""
    files = _Files(folder)
    empty, peopled = folder / "empty", folder / "peopled"
    for each in (empty, peopled):
        each.mkdir()
    migrate(Settings(data=empty).resolved_database_url)
    with files.copied("empty", peopled) as settings:
        return Stock(files, settings)


@contextmanager
def postgres_stock(folder: Path) -> Iterator[Stock]:
    """Both as rows of one database, on a server of our own, which is stopped at the end."""
    with (
        temporary_postgres() as url,
        connections_left(url) as idle,
        psycopg.connect(url, autocommit=True) as server,
    ):
        database = _Database(server, url, idle)
        migrate(database.at(folder).resolved_database_url)
        # Rows come and go without triggers: neither what keeps history whole nor foreign keys are asked.
        server.execute("SET session_replication_role = replica")
        database.keep("empty")
        stock = Stock(database, database.at(folder))
        database.keep("peopled")
        yield stock

"""Databases in stock: migrated once and peopled once; each test gets a copy of its own."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
from sqlmodel import Session

from server.db.engine import Database
from server.db.migrate import migrate
from server.settings import Settings
from tests import make
from tests.cast import Cast, make_cast
from tests.postgres import temporary_postgres


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


class _Files:
    """SQLite: two files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def copied(self, name: str, folder: Path) -> Iterator[Settings]:
        shutil.copy(self._folder / name / "intercoder.sqlite3", folder)
        yield Settings(data=folder, threads=4)


class _Databases:
    """PostgreSQL: two databases of one server. Copying them is quicker than emptying thirty tables."""

    def __init__(self, server: psycopg.Connection, url: str) -> None:
        self._server, self._url, self._numbers = server, url, count(1)

    def named(self, name: str, folder: Path) -> Settings:
        """A server whose database has this name."""
        return Settings(data=folder, database_url=self._url.replace("/intercoder?", f"/{name}?"), threads=4)

    @contextmanager
    def copied(self, name: str, folder: Path) -> Iterator[Settings]:
        copy = f"copy_{next(self._numbers)}"
        self._server.execute(f"CREATE DATABASE {copy} TEMPLATE {name} STRATEGY file_copy".encode())
        yield self.named(copy, folder)
        self._server.execute(f"DROP DATABASE {copy} WITH (FORCE)".encode())


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
    """Both databases on a server of our own, which is stopped at the end."""
    with temporary_postgres() as url, psycopg.connect(url, autocommit=True) as server:
        databases = _Databases(server, url)
        server.execute("CREATE DATABASE empty")
        migrate(databases.named("empty", folder).resolved_database_url)
        server.execute("CREATE DATABASE peopled TEMPLATE empty")
        yield Stock(databases, databases.named("peopled", folder))

"""Every test that touches the database runs on SQLite and on PostgreSQL."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session, SQLModel

from server import app as app_module
from server.app import create_app
from server.db import engine
from server.db.engine import Database
from server.db.migrate import migrate
from server.projects.access import Access
from server.settings import Settings
from server.web.rendering import make_templates
from tests import make
from tests.cast import Cast, make_cast
from tests.postgres import temporary_postgres

# Real studies to try the program on, beside the checkout where they are at hand.
SHARED = Path(__file__).parents[2] / "shared"

# How long an example takes says more of the machine than of the program.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# The shell is tested in English, whatever language the machine speaks.
os.environ["LANGUAGE"] = "en"

ClientOf = Callable[[Access | None], TestClient]


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """SQLite leaves syncing to the system: tests lose nothing by it, and wait for nothing."""
    pragmas = [pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in engine.WRITING_PRAGMAS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "WRITING_PRAGMAS", tuple(pragmas))
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Every application of the tests shares its compiled templates; compiling them takes a second."""
    environment = make_templates()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_module, "make_templates", lambda: environment)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that each test copies."""
    file = tmp_path_factory.mktemp("sqlite") / "intercoder.sqlite3"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated, empty PostgreSQL database that each test empties again."""
    with temporary_postgres() as url:
        migrate(url.replace("postgresql://", "postgresql+psycopg://", 1))
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of a server with an empty, migrated database."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "intercoder.sqlite3")
        return Settings(data=tmp_path, threads=4)
    url: str = request.getfixturevalue("postgres_url")
    _empty(url)
    return Settings(data=tmp_path, database_url=url, threads=4)


def _empty(url: str) -> None:
    database = Database(Settings(database_url=url).resolved_database_url)
    names = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
    with database.writing() as db:
        db.connection().execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    database.dispose()


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """The application on that database."""
    application = create_app(settings)
    yield application
    application.state.database.dispose()


@pytest.fixture
def database(app: FastAPI) -> Database:
    """The application's database; open it with `reading()` or `writing()`."""
    found: Database = app.state.database
    return found


@pytest.fixture
def db(database: Database) -> Iterator[Session]:
    """A writing session for tests of actions and queries. It holds SQLite's only writer."""
    with database.writing() as session:
        yield session


@pytest.fixture
def cast(database: Database) -> Cast:
    """A study with its people, and another study full of what must never be seen from here."""
    with database.writing() as session:
        noise(session)
        return make_cast(session)


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


@pytest.fixture
def client_of(app: FastAPI, database: Database) -> Iterator[ClientOf]:
    """A browser signed in as a member, or as nobody."""
    clients: list[TestClient] = []

    def sign_in(member: Access | None) -> TestClient:
        client = TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False)
        clients.append(client)
        if member is not None:
            with database.writing() as session:
                client.cookies.set("session", make.session(session, member.account_id))
        return client

    yield sign_in
    for client in clients:
        client.close()

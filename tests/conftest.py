"""Every test that touches the database runs on SQLite and on PostgreSQL."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from server import door
from server.accounts import passwords
from server.app import create_app
from server.db import engine, pooled
from server.db.engine import Database
from server.projects.access import Access
from server.settings import Settings
from server.web.garbage import set_apart_what_stays, uncollected
from server.web.rendering import make_templates
from tests import make
from tests.cast import Cast
from tests.client import Browser
from tests.engines import sharing_statements
from tests.stock import Stock
from tests.stock import postgres_stock as make_postgres_stock
from tests.stock import sqlite_stock as make_sqlite_stock

# Real studies to try the program on, beside the checkout where they are at hand.
SHARED = Path(__file__).parents[2] / "shared"

# How long an example takes says more of the machine than of the program. The examples are others each time,
# so a few of each property are enough for one; `INTERCODER_EXAMPLES` asks for more of them at once.
EXAMPLES = int(os.environ.get("INTERCODER_EXAMPLES", "40"))
hypothesis.settings.register_profile("untimed", deadline=None, max_examples=EXAMPLES)
hypothesis.settings.load_profile("untimed")

# The shell is tested in English, whatever language the machine speaks.
os.environ["LANGUAGE"] = "en"

ClientOf = Callable[[Access | None], TestClient]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Nothing that is collected is garbage: it is looked through neither meanwhile nor test after test."""
    with uncollected():
        collected = yield
    set_apart_what_stays()
    return collected


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """SQLite leaves syncing to the system: tests lose nothing by it, and wait for nothing."""
    pragmas = [pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in engine.WRITING_PRAGMAS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "WRITING_PRAGMAS", tuple(pragmas))
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_hashed_lightly() -> Iterator[None]:
    """Hashing is slow on purpose, which only `test_passwords` has to see."""
    light = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", light)
        patch.setattr(passwords, "_nobody", light.hash("nobody has this password"))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """Every database of the tests shares what SQLAlchemy makes of statements; each test has a new one."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((engine, "_sqlite_engine"), (pooled, "postgres_engine")):
            patch.setattr(module, name, sharing_statements(getattr(module, name)))
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """Every application of the tests shares its compiled templates; compiling them takes a second."""
    environment = make_templates()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "make_templates", lambda: environment)
        yield


@pytest.fixture(scope="session")
def event_loop() -> Iterator[BlockingPortal]:
    """One event loop and its threads for all browsers; they would start a new one for each request."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def sqlite_stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """SQLite files to copy."""
    return make_sqlite_stock(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """PostgreSQL databases to copy."""
    with make_postgres_stock(tmp_path_factory.mktemp("postgres")) as stock:
        yield stock


@pytest.fixture(params=["sqlite", "postgres"])
def stock(request: pytest.FixtureRequest) -> Stock:
    """What both databases have in stock, one after the other."""
    found: Stock = request.getfixturevalue(f"{request.param}_stock")
    return found


@pytest.fixture
def settings(request: pytest.FixtureRequest, stock: Stock, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a server with a migrated database: empty, or with the study of `cast` in it."""
    copied = stock.peopled if "cast" in request.fixturenames else stock.empty
    with copied(tmp_path) as found:
        yield found


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
def cast(stock: Stock, settings: Settings) -> Cast:
    """A study with its people, and another study full of what must never be seen from here."""
    return stock.cast()


@pytest.fixture
def client_of(app: FastAPI, database: Database, event_loop: BlockingPortal) -> Iterator[ClientOf]:
    """A browser signed in as a member, or as nobody."""
    clients: list[TestClient] = []

    def sign_in(member: Access | None) -> TestClient:
        client = Browser(app, event_loop)
        clients.append(client)
        if member is not None:
            with database.writing() as session:
                client.cookies.set("session", make.session(session, member.account_id))
        return client

    yield sign_in
    for client in clients:
        client.close()

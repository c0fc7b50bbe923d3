"""A server to which some hundred posts are many, and what tests see of its imports."""

import time
from collections.abc import Callable
from itertools import count
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlmodel import SQLModel, func, select

from server.corpora import carrying, progress, running, writing
from server.corpora.models import Post
from server.db.engine import Database
from server.settings import Settings
from tests.cast import Cast
from tests.corpora.files import csv, import_shown, previewed

MANY = 400
FILE = csv(*range(MANY))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A server to which some hundred posts are many."""
    return settings.model_copy(update={"import_at_once": 100, "shown_at_once": 50})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, count few rows at a time, and keep others waiting for no more than a statement."""
    monkeypatch.setattr(progress, "PAUSE", 0.01)
    monkeypatch.setattr(carrying, "_LONGEST", 0.0)
    monkeypatch.setattr(writing, "_IN_A_BLOCK", 20)
    monkeypatch.setattr(writing, "_BLOCKS_IN_A_STATEMENT", 1)
    monkeypatch.setattr(writing, "_COPIED_AT_ONCE", 70)
    monkeypatch.setattr(running, "_LOOK_AGAIN", 0.05)


class Gate:
    """Stops a runner at a step until the test has looked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, after: int = 0) -> None:
        self.is_reached, self.is_open = Event(), Event()
        step, calls = getattr(where, name), count(1)

        def guarded(*values: Any) -> Any:
            if next(calls) > after:
                self.is_reached.set()
                assert self.is_open.wait(20)
            return step(*values)

        monkeypatch.setattr(where, name, guarded)

    def reached(self) -> None:
        assert self.is_reached.wait(20)


@pytest.fixture
def at_writing(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Where everything is read and nothing is written."""
    return Gate(monkeypatch, carrying, "post_columns")


def counted(database: Database) -> dict[str, int]:
    """How many rows every table has."""
    with database.reading() as db:
        return {
            name: db.scalar(select(func.count()).select_from(table)) or 0
            for name, table in SQLModel.metadata.tables.items()
        }


def texts(database: Database, cast: Cast) -> list[tuple[int, str, str]]:
    """The posts of the study in their order."""
    with database.reading() as db:
        rows = db.exec(select(Post).where(Post.project_id == cast.project.id).order_by(Post.number)).all()  # type: ignore[arg-type]
        return [(row.number, row.external_id, row.text) for row in rows]


def eventually(found: Callable[[], Any]) -> Any:
    """What is found at last."""
    end = time.monotonic() + 20
    while not (value := found()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return value


def begun(lead: TestClient, cast: Cast, content: bytes = FILE) -> str:
    """Begin an import; the address of its progress."""
    answer = import_shown(lead, previewed(lead, cast, content))
    assert answer.status_code == 303
    address = answer.headers["location"]
    assert address.endswith("/progress")
    return str(address)


def ended(lead: TestClient, address: str) -> Response:
    """What the page of an import says when it is over."""

    def look() -> Response | None:
        page: Response = lead.get(address, follow_redirects=False)
        return None if "refresh" in page.headers else page

    found: Response = eventually(look)
    return found


@pytest.fixture
def half_way(database: Database, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Where some of the posts are in the database of SQLite, and nobody is to see them yet."""
    if not database.is_sqlite:
        pytest.skip("Elsewhere all posts come in at one moment.")
    return Gate(monkeypatch, carrying._Import, "_insert", after=3)

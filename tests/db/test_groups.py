"""Those who write in one transaction: each stands or falls alone, and nobody is told too early."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from sqlalchemy import event, text
from sqlmodel import Session, select

from server.db.engine import Database, take_back
from server.db.groups import MOST_AT_ONCE
from server.db.migrate import migrate
from server.errors import Busy
from server.projects.models import Project
from server.settings import Settings
from tests import make


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """A database of SQLite: only there anybody writes in a group."""
    url = Settings(data=tmp_path).resolved_database_url
    migrate(url)
    return Database(url)


def _together(database: Database, *pages: Callable[[], Any]) -> list[Any]:
    """What each page gives or raises, all of them asked for at once, on a loop of its own."""

    async def all_at_once() -> list[Any]:
        group = database.group(asyncio.get_running_loop())
        asked: list[Awaitable[Any]] = [group.run(page) for page in pages]
        return await asyncio.gather(*asked, return_exceptions=True)

    with start_blocking_portal() as loop:
        return loop.call(all_at_once)


def _making(database: Database, title: str, then: Callable[[Session], object] = lambda db: None) -> Any:
    """A page that makes a project and then does something else."""

    def page() -> str:
        with database.writing() as db:
            make.project(db, title)
            then(db)
        return title

    return page


def _titles(database: Database) -> set[str]:
    with database.reading() as db:
        return set(db.exec(select(Project.title)))


def _fail(_db: Session) -> None:
    raise ZeroDivisionError


def test_everybody_gets_their_own_answer_and_all_is_stored(sqlite: Database) -> None:
    titles = [f"project {number}" for number in range(2 * MOST_AT_ONCE + 5)]
    assert _together(sqlite, *(_making(sqlite, title) for title in titles)) == titles
    assert _titles(sqlite) == set(titles)


def test_a_group_commits_once(sqlite: Database) -> None:
    commits = []
    event.listen(sqlite.engine, "commit", lambda _connection: commits.append(1))
    _together(sqlite, *(_making(sqlite, f"project {number}") for number in range(MOST_AT_ONCE)))
    assert len(commits) == 1


def test_who_fails_or_takes_back_leaves_the_others_alone(sqlite: Database) -> None:
    first, failed, taken_back, last = _together(
        sqlite,
        _making(sqlite, "first"),
        _making(sqlite, "failed", _fail),
        _making(sqlite, "taken back", take_back),
        _making(sqlite, "last"),
    )
    assert (first, taken_back, last) == ("first", "taken back", "last")
    assert isinstance(failed, ZeroDivisionError)
    assert _titles(sqlite) == {"first", "last"}


def test_where_the_commit_fails_nobody_is_told_that_something_was_saved(sqlite: Database) -> None:
    full = OSError("the disk is full")

    def refuse(_connection: object) -> None:
        raise full

    event.listen(sqlite.engine, "commit", refuse)
    assert _together(sqlite, _making(sqlite, "one"), _making(sqlite, "two")) == [full, full]
    event.remove(sqlite.engine, "commit", refuse)
    assert _titles(sqlite) == set()
    assert _together(sqlite, _making(sqlite, "three"), _making(sqlite, "four")) == ["three", "four"]


def test_where_the_disk_ends_the_transaction_nobody_after_it_writes_alone(sqlite: Database) -> None:
    def lose(db: Session) -> None:
        connection: Any = db.get_bind()
        connection.connection.dbapi_connection.execute("ROLLBACK")

    answers = _together(
        sqlite,
        _making(sqlite, "before"),
        _making(sqlite, "at"),
        _making(sqlite, "after", lose),
        _making(sqlite, "last"),
    )
    assert all(isinstance(answer, Exception) for answer in answers)
    assert _titles(sqlite) == set()


def test_a_group_waits_its_turn_behind_a_thread(sqlite: Database) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite.writing() as db:
            db.execute(text("SELECT 1"))
            entered.set()
            leave.wait(5)
            make.project(db, "thread")

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(5)
    threading.Timer(0.05, leave.set).start()
    seen: list[set[str]] = []

    def look(db: Session) -> None:
        seen.append(set(db.exec(select(Project.title))))

    _together(sqlite, _making(sqlite, "one", look), _making(sqlite, "two", look))
    holder.join()
    assert seen == [{"thread", "one"}, {"thread", "one", "two"}]


def test_who_gets_no_turn_is_told_that_the_server_is_busy(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.db.engine.WAIT_SECONDS", 0.01)
    with sqlite.writing():
        answers = _together(sqlite, _making(sqlite, "one"), _making(sqlite, "two"))
    assert [type(answer) for answer in answers] == [Busy, Busy]
    assert _titles(sqlite) == set()


def test_objects_of_one_are_not_met_by_the_next(sqlite: Database) -> None:
    kept: list[Project] = []

    def look(db: Session) -> None:
        assert not any(each in db for each in kept)
        kept.extend(db.exec(select(Project)))

    answers = _together(sqlite, *(_making(sqlite, f"project {number}", look) for number in range(3)))
    assert answers == ["project 0", "project 1", "project 2"]

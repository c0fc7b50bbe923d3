"""A session that is kept is as clean as a new one, and a broken one is not kept."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlmodel import Session, select

from server.db import engine, pooled
from server.db.engine import Database, connection_of, take_back
from server.db.wire import Driver, Wire
from server.errors import Busy
from server.projects.models import Project
from tests import make


def _project(database: Database, title: str) -> None:
    with database.writing() as db:
        make.project(db, title)


def test_nothing_of_the_last_reader_is_left(database: Database) -> None:
    _project(database, "before")
    with database.reading() as db:
        first = db.exec(select(Project)).one()
    with database.writing() as db:
        db.execute(text("UPDATE project SET title = 'after'"))
    with database.reading() as db:
        assert not list(db.identity_map.values())
        assert db.exec(select(Project)).one().title == "after"
    assert first.title == "before"
    assert first not in db


def test_an_object_cannot_reach_for_the_connection_of_its_ended_session(database: Database) -> None:
    with database.writing() as db:
        project = make.project(db, "taken back")
        take_back(db)
        db.add(project)
    with database.reading() as db:
        found = db.exec(select(Project)).one()
        db.expire(found)
    with pytest.raises(DetachedInstanceError):
        _ = found.title


def test_whatever_ends_a_block_the_next_one_begins_anew(database: Database) -> None:
    def half_written() -> None:
        with database.writing() as db:
            make.project(db, "half")
            db.execute(text("SELECT nonsense"))

    def half_read() -> None:
        with database.reading() as db:
            db.exec(select(Project)).all()
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(DBAPIError):
            half_written()
        with pytest.raises(ZeroDivisionError):
            half_read()
    _project(database, "whole")
    with database.reading() as db:
        assert [project.title for project in db.exec(select(Project))] == ["whole"]


def test_blocks_within_one_another_have_sessions_of_their_own(database: Database) -> None:
    with database.reading() as outer, database.reading() as inner:
        assert outer is not inner
        assert connection_of(outer) is not connection_of(inner)


def test_a_broken_connection_is_not_kept(database: Database) -> None:
    used: list[Session] = []

    def break_it() -> None:
        with database.reading() as db:
            used.append(db)
            cast(Any, connection_of(db).connection.driver_connection).close()

    # SQLite has to be told to roll back; PostgreSQL does so by itself where it loses a connection.
    with pytest.raises(ProgrammingError, match="closed") if database.is_sqlite else nullcontext():
        break_it()
    with database.reading() as db:
        assert db not in used
        assert db.exec(select(Project)).all() == []


@pytest.fixture
def postgres(database: Database) -> Iterator[Database]:
    """A database with a single connection."""
    if database.is_sqlite:
        pytest.skip("an open file does not go away")
    small = Database(database.url, 1)
    yield small
    small.dispose()


def test_a_connection_that_was_ended_while_it_rested_is_replaced(
    database: Database, postgres: Database
) -> None:
    for opened in (postgres.reading, postgres.writing) * 2:
        with opened() as db:
            process = db.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with database.reading() as db:
            db.execute(text("SELECT pg_terminate_backend(:process, 2000)"), {"process": process})
    with postgres.reading() as db:
        assert db.execute(text("SELECT pg_backend_pid()")).scalar_one() != process


def test_a_connection_that_rested_long_is_asked_whether_it_lives(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Driver] = []

    class Silent(Wire):
        def answers(self) -> bool:
            asked.append(self._driver)
            return False

    monkeypatch.setattr(pooled, "wire_on", Silent)
    _project(postgres, "kept")
    _project(postgres, "kept at once")
    assert asked == []
    monkeypatch.setattr(pooled, "RESTS_SECONDS", 0.0)
    _project(postgres, "asked, and replaced")
    assert len(asked) == 1


def test_whoever_gets_no_connection_in_time_is_told_so(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT_SECONDS", 0.01)
    hurried = Database(postgres.url, 1)
    with hurried.reading(), pytest.raises(Busy), hurried.reading():
        pytest.fail("there is one connection only")
    with hurried.writing() as db:
        make.project(db, "it came back")
    hurried.dispose()


def test_one_connection_reads_and_writes_in_turn_and_a_reader_never_writes(postgres: Database) -> None:
    def sneak() -> None:
        with postgres.reading() as db:
            take_back(db)  # What begins after that only reads, too.
            db.execute(text("UPDATE project SET title = 'sneaked in'"))

    for _ in range(2):
        _project(postgres, "written")
        with pytest.raises(DBAPIError, match="read-only"):
            sneak()


def test_a_transaction_that_failed_is_not_taken_for_saved(postgres: Database) -> None:
    def failing() -> None:
        with postgres.writing() as db, suppress(DBAPIError):
            connection_of(db).execute(text("SELECT nonsense"))

    with pytest.raises(DBAPIError, match="rolled back"):
        failing()

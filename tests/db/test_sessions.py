"""A session that is kept is as clean as a new one, and a broken one is not kept."""

from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlmodel import Session, select

from server.db.engine import Database, connection_of, take_back
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
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's connections are the pool's")
    used: list[Session] = []

    def break_it() -> None:
        with database.reading() as db:
            used.append(db)
            cast(Any, connection_of(db).connection.driver_connection).close()

    with pytest.raises(ProgrammingError, match="closed"):
        break_it()
    with database.reading() as db:
        assert db not in used
        assert db.exec(select(Project)).all() == []

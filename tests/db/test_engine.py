"""What a transaction sees and leaves, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from server.db import engine
from server.db.engine import Database, connection_of, take_back
from server.errors import Busy
from server.projects.models import Project
from tests import make


def titles(db: Session) -> list[str]:
    return sorted(db.exec(select(Project.title)).all())


def test_a_reader_sees_one_state_however_long_it_reads(database: Database) -> None:
    with database.writing() as db:
        make.project(db, "before")
    with database.reading() as reader:
        assert titles(reader) == ["before"]
        with database.writing() as db:
            make.project(db, "meanwhile")
        assert titles(reader) == ["before"]
    with database.reading() as reader:
        assert titles(reader) == ["before", "meanwhile"]


def test_what_is_taken_back_leaves_nothing(database: Database) -> None:
    with database.writing() as db:
        make.project(db, "kept")
    with database.writing() as db:
        make.project(db, "by the session")
        take_back(db)
    with database.writing() as db:
        connection_of(db).execute(text("UPDATE project SET title = 'by the connection'"))
        take_back(db)
    with database.reading() as db:
        assert titles(db) == ["kept"]


def test_what_raises_leaves_nothing(database: Database) -> None:
    def half() -> None:
        with database.writing() as db:
            make.project(db, "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with database.reading() as db:
        assert titles(db) == []


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"read-?only"), database.reading() as db:
        make.project(db, "sneaked in")


def test_whoever_is_in_the_way_of_another_is_told_to_try_again(database: Database) -> None:
    with database.writing() as db:
        first, second = (make.project(db, title).id for title in ("one", "two"))
    if database.is_sqlite:
        pytest.skip("SQLite has one writer, so two cannot hold what the other wants")
    both_hold_one = Barrier(2)

    def change(mine: int | None, theirs: int | None) -> str:
        try:
            with database.writing() as db:
                rename = text("UPDATE project SET title = 'x' WHERE id = :id")
                db.execute(rename, {"id": mine})
                both_hold_one.wait()
                db.execute(rename, {"id": theirs})
        except Busy as busy:
            return busy.message
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(change, (first, second), (second, first)))
    assert said == ["", "The database is busy. Nothing was saved; please send it again."]


def test_whoever_waits_too_long_is_told_to_try_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT_SECONDS", 0.2)
    impatient_pragmas = tuple(each.replace("=5000", "=200") for each in engine.WRITING_PRAGMAS)
    monkeypatch.setattr(engine, "WRITING_PRAGMAS", impatient_pragmas)
    impatient = Database(database.url, 1)

    def rename(of: Database) -> None:
        with of.writing() as db:
            db.execute(text("UPDATE project SET title = 'mine'"))

    with database.writing() as db:
        make.project(db, "held")
        db.execute(text("LOCK TABLE project" if not database.is_sqlite else "UPDATE project SET title = 'x'"))
        with pytest.raises(Busy):
            rename(impatient)
    impatient.dispose()


def test_moments_come_back_in_utc_whatever_the_server_keeps(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no time zones")
    with database.reading() as db:
        assert db.execute(text("SHOW timezone")).scalar() == "UTC"

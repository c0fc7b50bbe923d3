"""A post is not gone from the files of the database as long as parts of uploaded files may still go."""

from collections.abc import Sequence

import pytest
from sqlmodel import col, select, update

from server.clock import now
from server.corpora.models import Parcel, ParcelPiece, Takedown
from server.db.engine import Database
from server.takedown import wiping
from server.takedown.places import HISTORY
from server.takedown.wiping import wipe
from tests import make
from tests.cast import Cast
from tests.stock import on_one_database
from tests.takedown.recorded import record_takedown


@pytest.fixture(autouse=True)
def taken_down(database: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A takedown whose files are as good as written anew, beside a parcel that is being written."""
    monkeypatch.setattr(wiping, "scrub", lambda *_values: True)
    with database.writing() as db:
        record_takedown(db, cast.project)
        parcel = Parcel(part="reading", heard_at=now())
        db.add(parcel)
        db.flush()
        db.add(ParcelPiece(parcel_id=make.id_of(parcel), start=0, content=b"a post"))


def wiped(database: Database) -> Sequence[bool]:
    with database.reading() as db:
        return [moment is not None for moment in db.exec(select(Takedown.wiped_at))]


def let_go(database: Database) -> None:
    with database.writing() as db:
        db.execute(update(Parcel).values(heard_at=None))


def test_what_is_being_written_is_waited_for(database: Database) -> None:
    assert not wipe(database)
    assert wiped(database) == [False]
    let_go(database)
    assert wipe(database)
    assert wiped(database) == [True]
    with database.reading() as db:
        assert db.exec(select(ParcelPiece.start)).all() == []


@on_one_database
def test_the_history_is_written_anew_only_where_a_takedown_erased_some_of_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bool] = []
    monkeypatch.setattr(
        wiping, "scrub", lambda _database, tables, _patience: written.append(HISTORY in tables)
    )
    let_go(database)
    for is_in_history in (False, True):
        with database.writing() as db:
            db.execute(update(Takedown).values(is_in_history=is_in_history))
        wipe(database)
    assert written == [False, True]


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_what_another_process_removes_at_this_moment_is_waited_for(database: Database) -> None:
    let_go(database)
    with database.writing() as db:
        db.execute(select(col(Parcel.id)).with_for_update())
        assert not wipe(database)
    assert wiped(database) == [False]

"""Prepared statements give and raise what the same statements do when SQLAlchemy executes them."""

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import OperationalError
from psycopg.pq import ExecStatus
from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from server.coding.models import CodingAnswer, Draft
from server.db.engine import Database, connection_of, take_back
from server.db.prepared import Prepared
from server.db.tables import sql_table
from server.db.wire import Wire, wire_of
from server.rounds.models import Round
from tests.cast import Cast
from tests.coding.desk import Study, study

round_table = sql_table(Round)
draft_table = sql_table(Draft)
answer_table = sql_table(CodingAnswer)

MOMENT = datetime(2025, 8, 8, 21, 14, 3, tzinfo=UTC)
DRAFT = {"memo": ["100 % «ü» 🙂"], "v-emotion": []}

by_number = select(round_table).where(
    round_table.c.project_id == bindparam("project_id"), round_table.c.number < 10
)
lock = (
    update(round_table)
    .where(round_table.c.id == bindparam("b_id"), round_table.c.purpose == "main")
    .values(locked_at=bindparam("b_at"))
)
keep_draft = Prepared(insert(draft_table).inline(), "assignment_id", "typed", "saved_at")
drafts = Prepared(select(draft_table).order_by(draft_table.c.assignment_id))


@pytest.fixture
def here(cast: Cast, db: Session) -> Study:
    return study(db, cast)


def test_reads_what_sqlalchemy_reads(here: Study, db: Session) -> None:
    values = {"project_id": here.round.project_id}
    expected = db.connection().execute(by_number, values).one()
    for _ in range(2):  # The second time everything about it is known.
        assert Prepared(by_number).all(connection_of(db), values) == [tuple(expected)]
    found = Prepared(by_number).first(connection_of(db), values)
    assert (found.is_imported, found.opened_at, found.locked_at) == (False, expected.opened_at, None)
    assert found.opened_at.tzinfo is not None
    assert found.design == expected.design


def test_nothing_found_is_none_and_empty(here: Study, db: Session) -> None:
    assert Prepared(by_number).first(connection_of(db), {"project_id": -1}) is None
    assert Prepared(by_number).all(connection_of(db), {"project_id": -1}) == []


def test_a_missing_value_is_a_mistake_of_the_program(here: Study, db: Session) -> None:
    with pytest.raises(KeyError):
        Prepared(by_number).first(connection_of(db), {})


def test_says_how_many_rows_it_touched(here: Study, db: Session) -> None:
    change = Prepared(lock)
    assert change.run(connection_of(db), {"b_id": here.round.id, "b_at": MOMENT}) == 1
    assert change.run(connection_of(db), {"b_id": -1, "b_at": MOMENT}) == 0
    values = {"project_id": here.round.project_id}
    assert Prepared(by_number).first(connection_of(db), values).locked_at == MOMENT


def test_json_and_emoji_come_back(here: Study, db: Session) -> None:
    keep_draft.run(connection_of(db), {"assignment_id": 1, "typed": DRAFT, "saved_at": MOMENT})
    keep_draft.send(connection_of(db), {"assignment_id": 2, "typed": {}, "saved_at": MOMENT})
    assert [tuple(row) for row in drafts.all(connection_of(db), {})] == [(1, DRAFT, MOMENT), (2, {}, MOMENT)]


def test_what_nobody_waits_for_is_there_for_whoever_looks(here: Study, db: Session) -> None:
    keep_draft.send(connection_of(db), _draft(1))
    assert db.execute(select(draft_table.c.assignment_id)).all() == [(1,)]


def test_what_nobody_waits_for_is_taken_back_with_the_rest(here: Study, db: Session) -> None:
    keep_draft.send(connection_of(db), _draft(1))
    take_back(db)
    assert drafts.all(connection_of(db), {}) == []


def test_what_nobody_waits_for_and_is_refused_keeps_all_from_being_saved(
    database: Database, cast: Cast
) -> None:
    with database.writing() as db:
        study(db, cast)
        keep_draft.send(connection_of(db), _draft(1))
    with pytest.raises(IntegrityError), database.writing() as db:
        keep_draft.send(connection_of(db), _draft(2), _draft(1))
    with database.reading() as db:
        assert [row.assignment_id for row in drafts.all(connection_of(db), {})] == [1]


def test_what_the_server_has_forgotten_is_prepared_anew(database: Database, cast: Cast) -> None:
    if database.is_sqlite:
        return
    with database.writing() as db:
        study(db, cast)
        keep_draft.send(connection_of(db), _draft(1))
        db.execute(text("DEALLOCATE ALL"))
    for is_known in (False, True):
        with nullcontext() if is_known else pytest.raises(DBAPIError), database.writing() as db:
            keep_draft.send(connection_of(db), _draft(2))


def _draft(of: int) -> dict[str, Any]:
    return {"assignment_id": of, "typed": {}, "saved_at": MOMENT}


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_an_error_that_the_server_did_not_say_is_that_it_is_out_of_reach(here: Study, db: Session) -> None:
    wire = wire_of(connection_of(db))
    said = wire._pgconn.make_empty_result(ExecStatus.FATAL_ERROR)
    with pytest.raises(OperationalError):
        wire._well(said)


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_what_was_read_is_read_though_the_connection_is_lost_then(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_wire: Wire) -> None:
        raise OperationalError("the connection is lost")

    with database.reading() as db:
        before = db.scalar(select(text("pg_backend_pid()")))
        monkeypatch.setattr(Wire, "roll_back", lost)
    monkeypatch.undo()
    with database.reading() as db:
        assert db.scalar(select(text("pg_backend_pid()"))) != before


def test_what_the_driver_refuses_is_raised_as_sqlalchemy_words_it(here: Study, db: Session) -> None:
    row: dict[str, Any] = {"assignment_id": 1, "typed": {"memo": ["secret"]}, "saved_at": MOMENT}
    keep_draft.run(connection_of(db), row)
    with pytest.raises(IntegrityError) as refused:
        keep_draft.run(connection_of(db), row)
    assert "secret" not in str(refused.value.params)
    take_back(db)


def test_rows_of_an_insert_with_returning(here: Study, db: Session) -> None:
    add = Prepared(
        insert(round_table).returning(round_table.c.id, round_table.c.number),
        *("project_id", "number", "title", "purpose", "codebook_version_id", "design", "n_posts"),
        *("shows_gold", "is_imported", "opened_at"),
    )
    values = {name: getattr(here.round, name) for name in ("project_id", "title", "purpose")}
    more = {"codebook_version_id": here.round.codebook_version_id, "design": {}, "n_posts": 0}
    added = add.first(
        connection_of(db),
        {**values, **more, "number": 7, "shows_gold": False, "is_imported": True, "opened_at": MOMENT},
    )
    assert added.number == 7
    assert added.id > (here.round.id or 0)

"""The check of a chain finds what somebody with the database in hand did to it."""

import pytest
from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from server.history import queries
from server.history.actions import record
from server.history.checking import Checked, Fault, Found, Head, fault_words
from server.history.links import GENESIS, SERVER_CHAIN, link_hash
from server.history.models import HistoryEvent, HistoryHead
from server.history.queries import check_chain
from tests.cast import Cast
from tests.history.tampering import disarm

N = 7


@pytest.fixture
def chain(db: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> int:
    """The project's chain, of seven events read three at a time, in the hands of somebody who may do all."""
    disarm(db)
    monkeypatch.setattr(queries, "EVENTS_AT_ONCE", 3)
    for number in range(1, N + 1):
        _record(db, cast, f"round {number}")
    return cast.lead.project_id


def _record(db: Session, cast: Cast, subject: str) -> None:
    record(
        db,
        project_id=cast.lead.project_id,
        actor_id=cast.lead.account_id if subject != "round 3" else None,
        action="round.lock",
        subject=subject,
        details={"reason": "fini ✓", "n": 1},
    )


def _found(db: Session, chain: int) -> Found | None:
    return check_chain(db, chain).found


def _change(db: Session, chain: int, sequence: int, **values: object) -> None:
    db.execute(
        update(HistoryEvent)
        .where(col(HistoryEvent.chain) == chain, col(HistoryEvent.sequence) == sequence)
        .values(**values)
    )


def _head(db: Session, chain: int) -> Head:
    row = db.execute(select(HistoryHead).where(col(HistoryHead.chain) == chain)).scalar_one()
    return Head(row.sequence, row.hash)


def test_a_chain_that_nobody_touched_is_whole(db: Session, chain: int) -> None:
    assert check_chain(db, chain) == Checked(N, _head(db, chain), None)


def test_a_chain_that_never_began_is_whole_for_the_server_alone(db: Session, chain: int) -> None:
    db.execute(delete(HistoryHead).where(col(HistoryHead.chain) == SERVER_CHAIN))
    db.execute(delete(HistoryEvent).where(col(HistoryEvent.chain) == SERVER_CHAIN))
    assert check_chain(db, SERVER_CHAIN) == Checked(0, None, None)
    db.execute(delete(HistoryHead).where(col(HistoryHead.chain) == chain))
    db.execute(delete(HistoryEvent).where(col(HistoryEvent.chain) == chain))
    assert _found(db, chain) == Found(1, Fault.EMPTY)


@pytest.mark.parametrize(
    "values",
    [
        {"details": "{}"},
        {"subject": "round 40"},
        {"action": "round.open"},
        {"actor_id": None},
        {"hash": "0" * 64},
        {"previous_hash": "0" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_event_is_found(db: Session, chain: int, values: dict[str, object]) -> None:
    _change(db, chain, 4, **values)
    checked = check_chain(db, chain)
    assert (checked.n_sound, checked.found) == (3, Found(4, Fault.CHANGED))


def test_a_moved_moment_is_found_and_one_that_is_none(db: Session, chain: int) -> None:
    first = (col(HistoryEvent.chain) == chain, col(HistoryEvent.sequence) == 1)
    at = db.scalars(select(col(HistoryEvent.at)).where(*first)).one()
    _change(db, chain, 6, at=at)
    assert _found(db, chain) == Found(6, Fault.CHANGED)
    if db.get_bind().dialect.name == "sqlite":
        db.connection().exec_driver_sql("UPDATE history_event SET at = 'yesterday' WHERE sequence = 2")
        assert _found(db, chain) == Found(2, Fault.CHANGED)


def test_a_changed_event_with_a_hash_that_fits_is_found_at_the_next(db: Session, chain: int) -> None:
    row = db.execute(
        select(HistoryEvent).where(col(HistoryEvent.chain) == chain, col(HistoryEvent.sequence) == 4)
    ).scalar_one()
    forged = link_hash(row.previous_hash, chain, 4, row.at, row.actor_id, row.action, "round 9", row.details)
    _change(db, chain, 4, subject="round 9", hash=forged)
    assert _found(db, chain) == Found(5, Fault.REPLACED)


@pytest.mark.parametrize("sequence", [1, 3, 4, 6])
def test_a_missing_event_is_found(db: Session, chain: int, sequence: int) -> None:
    db.execute(
        delete(HistoryEvent).where(col(HistoryEvent.chain) == chain, col(HistoryEvent.sequence) == sequence)
    )
    assert _found(db, chain) == Found(sequence, Fault.MISSING)


def test_an_event_before_the_first_is_found(db: Session, chain: int) -> None:
    row = db.execute(select(HistoryEvent).where(col(HistoryEvent.chain) == chain)).scalars().first()
    assert row is not None
    values = row.model_dump(exclude={"id"}) | {"sequence": 0, "previous_hash": GENESIS}
    db.execute(insert(HistoryEvent).values(**values))
    assert _found(db, chain) == Found(0, Fault.OUT_OF_ORDER)


def test_a_tail_that_was_cut_off_is_found(db: Session, chain: int) -> None:
    db.execute(delete(HistoryEvent).where(col(HistoryEvent.chain) == chain, col(HistoryEvent.sequence) > 5))
    assert _found(db, chain) == Found(6, Fault.CUT_OFF)


def test_a_head_that_was_moved_is_found(db: Session, chain: int) -> None:
    for values in ({"sequence": 5}, {"sequence": N, "hash": "0" * 64}):
        db.execute(update(HistoryHead).where(col(HistoryHead.chain) == chain).values(**values))
        assert _found(db, chain) == Found(N, Fault.HEAD_MOVED)
    db.execute(delete(HistoryHead).where(col(HistoryHead.chain) == chain))
    assert _found(db, chain) == Found(N, Fault.HEAD_MOVED)


def test_every_fault_has_a_sentence() -> None:
    assert all(fault_words(Found(3, fault)).endswith(".") for fault in Fault)

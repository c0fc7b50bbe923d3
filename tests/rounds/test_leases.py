"""Posts of a shared queue are lent: what becomes of leases that run out."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from server.db.engine import connection_of
from server.db.moments import in_minutes
from server.rounds import queue
from server.rounds.models import QueueSlot
from server.rounds.queue import Ahead, place_in, prospect
from tests.cast import Cast
from tests.rounds.queue_table import laid


def test_the_page_of_waiting_knows_when_a_post_comes_back(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=1, lease_minutes=30)
    table.take(table.one)
    place = place_in(db, table.other, table.round.number)
    assert place is not None
    back_at = prospect(connection_of(db), place).back_at
    assert back_at is not None
    assert timedelta(minutes=29) < back_at - datetime.now(UTC) < timedelta(minutes=31)


def test_a_lease_that_ran_out_goes_to_another(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=1)
    table.take(table.one)
    table.run_out()
    assert table.taken(table.other) == 1
    assert table.state_of(table.one, 1) == "returned"
    assert table.states() == {"leased": 1}


def test_a_clock_that_went_back_keeps_no_post_for_longer_than_two_leases(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=1, lease_minutes=30)
    table.take(table.one)
    table.run_out(hours=2)
    assert table.taken(table.other) == 1
    table.run_out(hours=2)
    queue.renew(connection_of(db), table.place(table.other), table.post_at(table.other, 1))
    assert table.states() == {"leased": 1}
    assert table.take(table.one) is None  # Whoever works on is not disturbed.


def test_who_comes_back_late_to_a_post_that_nobody_took_goes_on_with_it(cast: Cast, db: Session) -> None:
    table = laid(db, cast)
    table.take(table.one)
    table.run_out()
    assert table.take(table.one) == 1
    assert table.state_of(table.one, 1) == "queued"
    until = db.scalar(select(QueueSlot.lease_until).where(QueueSlot.state == "leased"))
    assert until is not None
    assert until > datetime.now(UTC)


def test_a_returned_post_is_offered_to_its_annotator_again(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=2, k=2)
    table.take(table.one)
    table.run_out()
    table.take(table.other)  # The same post: its second slot. The first one is given back.
    assert table.state_of(table.one, 1) == "returned"
    assert table.ahead(table.one) == Ahead.POST
    assert table.take(table.one) == 1
    assert table.states() == {"leased": 2, "open": 2}


def test_a_late_submission_takes_a_slot_that_is_open(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=2, k=2)
    table.take(table.one)
    table.run_out()
    table.take(table.other)
    assert table.submit(table.one, 1)
    assert table.states() == {"done": 1, "leased": 1, "open": 2}


def test_a_late_submission_is_an_extra_where_no_slot_is_left(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=1)
    table.take(table.one)
    table.run_out()
    table.take(table.other)
    assert not table.submit(table.one, 1)
    assert table.submit(table.other, 1)
    assert table.states() == {"done": 1}


def test_a_late_submission_before_anybody_looked_counts_as_in_time(cast: Cast, db: Session) -> None:
    table = laid(db, cast, posts=1)
    table.take(table.one)
    table.run_out()
    assert table.submit(table.one, 1)
    assert table.states() == {"done": 1}


def test_a_lease_is_renewed_when_half_of_it_is_over(cast: Cast, db: Session) -> None:
    table = laid(db, cast, lease_minutes=60)
    table.take(table.one)
    post_id = table.post_at(table.one, 1)
    connection = connection_of(db)

    def until() -> datetime:
        found = db.scalar(select(QueueSlot.lease_until).where(QueueSlot.state == "leased"))
        assert found is not None
        return found

    fresh = until()
    queue.renew(connection, table.place(table.one), post_id)
    assert until() == fresh
    table.run_out()
    queue.renew(connection, table.place(table.one), post_id)
    assert until() >= fresh


def test_the_databases_clock_and_stored_moments_compare(db: Session) -> None:
    early, now, late = db.execute(select(in_minutes(-1), in_minutes(0), in_minutes(1))).one()
    assert timedelta(seconds=119) < late - early < timedelta(seconds=121)
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)

"""What the pages cannot show: several submissions in the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select, update

from server.clock import now
from server.coding.actions import MAX_DRAFT, Closed, Sent, Stale, save_draft, skip, submit
from server.coding.models import Coding
from server.db.engine import Database
from server.errors import Refusal
from server.history.actions import record
from server.history.models import HistoryEvent
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.actions import withdraw_annotator
from server.rounds.models import Round
from tests.cast import Cast
from tests.coding.desk import Study, stored, study

TYPED = {"v-expression": ("attachment",), "v-emotion": ("1",), "v-stance": ("favour",)}


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        record(db, project_id=cast.project.id, actor_id=None, action="round.open", subject="round 1")
        return study(db, cast)


def sent(token: str, *, revision: int = 0, **changed: str) -> Sent:
    return Sent(token, revision, 1, TYPED | {name: (value,) for name, value in changed.items()})


def number_of(db: Session, member: Access) -> int:
    return db.get_one(Member, member.member_id).number


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed gave or raised, all begun in the same moment."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return deed()
        except Exception as raised:
            return raised

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def submission(database: Database, by: Access, form: Sent) -> Callable[[], int | None]:
    def deed() -> int | None:
        with database.writing() as db:
            return submit(db, by, 1, 1, form).following

    return deed


def test_a_double_click_is_stored_once_and_answered_twice(
    database: Database, here: Study, cast: Cast
) -> None:
    deed = submission(database, cast.annotator, sent("same"))

    assert at_once(*[deed] * 4) == [2, 2, 2, 2]

    found = stored(database, here, 1, cast.annotator)
    assert ([each.revision for each in found.revisions], found.counters) == ([1], (1, 0))
    with database.reading() as db:
        events = select(HistoryEvent.action).where(HistoryEvent.chain == cast.project.id)
        said = db.exec(events.order_by(col(HistoryEvent.sequence))).all()
        assert said == ["round.open", "coding.submit"]


def test_a_submission_waits_for_a_withdrawal_and_is_told(database: Database, here: Study, cast: Cast) -> None:
    """A submission that held its post while it waited for the round would be in the withdrawal's way."""
    submit_now = submission(database, cast.annotator, sent("late"))
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as db:
            db.exec(select(Round).where(Round.id == here.round.id).with_for_update()).one()
            late = pool.submit(submit_now)
            sleep(0.2)
            assert withdraw_annotator(db, cast.lead, 1, number_of(db, cast.annotator)) == len(here.posts)
        with pytest.raises(Closed, match="taken back"):
            late.result()


def test_two_tabs_at_once_store_one_and_show_the_other(database: Database, here: Study, cast: Cast) -> None:
    deeds = [submission(database, cast.annotator, sent(f"tab {number}")) for number in range(4)]

    results = at_once(*deeds)

    assert results.count(2) == 1
    assert sum(isinstance(result, Stale) for result in results) == 3
    assert len(stored(database, here, 1, cast.annotator).revisions) == 1


def test_annotators_at_once_do_not_hinder_one_another(database: Database, here: Study, cast: Cast) -> None:
    people = (cast.annotator, cast.other_annotator)

    results = at_once(*[submission(database, person, sent(f"of {person.member_id}")) for person in people])

    assert results == [2, 2]
    assert [stored(database, here, 1, person).counters for person in people] == [(1, 0), (1, 0)]


def test_a_round_locked_in_the_same_moment_takes_all_or_nothing(
    database: Database, here: Study, cast: Cast
) -> None:
    def lock() -> None:
        with database.writing() as db:
            db.execute(update(Round).where(col(Round.id) == here.round.id).values(locked_at=now()))

    locked, submitted = at_once(lock, submission(database, cast.annotator, sent("last")))

    assert locked is None
    found = stored(database, here, 1, cast.annotator)
    with database.reading() as db:
        moment = db.exec(select(Round.locked_at).where(Round.id == here.round.id)).one()
    if isinstance(submitted, Closed):
        assert found.revisions == []
    else:
        assert submitted == 2
        assert moment is not None
        assert len(found.revisions) == 1


def test_a_double_clicked_skip_is_one_skip(database: Database, here: Study, cast: Cast) -> None:
    def deed() -> int | None:
        with database.writing() as db:
            return skip(db, cast.annotator, 1, 1, "language", "")

    assert at_once(*[deed] * 3) == [2, 2, 2]

    assert stored(database, here, 1, cast.annotator).counters == (0, 1)
    with database.reading() as db:
        events = db.exec(
            select(HistoryEvent.action)
            .where(HistoryEvent.chain == cast.project.id)
            .order_by(col(HistoryEvent.id))
        ).all()
        assert events == ["round.open", "coding.skip"]


def test_a_draft_is_weighed_with_the_names_of_its_fields(database: Database, here: Study, cast: Cast) -> None:
    long_name = Sent("token", 0, 1, {"v-" + "x" * MAX_DRAFT: ("",)})
    with database.writing() as db, pytest.raises(Refusal, match="too much text"):
        save_draft(db, cast.annotator, 1, 1, long_name)
    assert stored(database, here, 1, cast.annotator).draft is None


def test_drafts_and_skips_at_once_leave_one_state(database: Database, here: Study, cast: Cast) -> None:
    def draft() -> None:
        with database.writing() as db:
            save_draft(db, cast.annotator, 1, 1, sent("draft", memo="typed"))

    def leave() -> int | None:
        with database.writing() as db:
            return skip(db, cast.annotator, 1, 1, "language", "")

    results = at_once(draft, draft, leave, leave)

    assert results == [None, None, 2, 2]
    found = stored(database, here, 1, cast.annotator)
    assert (found.state, found.counters) == ("skipped", (0, 1))


def test_a_failed_submission_leaves_nothing_behind(database: Database, here: Study, cast: Cast) -> None:
    def interrupted() -> None:
        with database.writing() as db:
            submit(db, cast.annotator, 1, 1, sent("interrupted"))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()

    found = stored(database, here, 1, cast.annotator)
    assert (found.state, found.revisions, found.counters) == ("queued", [], (0, 0))


def test_the_database_itself_keeps_codings_as_they_are(database: Database, here: Study, cast: Cast) -> None:
    submission(database, cast.annotator, sent("first"))()

    with pytest.raises(DatabaseError, match="append-only"), database.writing() as db:
        db.execute(update(Coding).values(memo="changed"))

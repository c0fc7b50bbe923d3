"""Codings that were sent back and never submitted again: they count once nobody can answer any more."""

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from server.adjudication.scope import scope_of
from server.adjudication.sending_back import send_back
from server.db.engine import Database
from server.history.models import HistoryEvent
from server.projects.models import Member
from server.projects.roles import Role
from server.rebuilding.differences import Kind
from server.rebuilding.pointers import misplaced
from server.rounds import changing
from server.rounds.actions import lock_round, reopen_round, reveal_round, withdraw_annotator
from server.rounds.models import Assignment, RoundAnnotator
from tests import make
from tests.adjudication.conftest import Study

AGAINST, FAVOUR = {"stance": "against"}, {"stance": "favour"}


@pytest.fixture
def sent_back(database: Database, study: Study) -> Study:
    """An open round of four posts; the first is coded by all, and was sent back to all."""
    with database.writing() as db:
        study.main = study.open_round(db, study.posts[:4])
        study.code(db, 1, AGAINST, FAVOUR, AGAINST)
        for number in (2, 3):
            study.code(db, number, None, AGAINST, AGAINST)
        send_back(db, study.cast.lead, scope_of(db, study.cast.lead), 1, (), "Look again.")
    return study


def number_of(study: Study) -> int:
    assert study.main is not None
    return study.main.number


def first_post(db: Session, study: Study) -> list[Assignment]:
    assert study.main is not None
    of = select(Assignment).where(
        Assignment.round_id == study.main.id, Assignment.post_id == study.posts[0].id
    )
    return list(db.exec(of.order_by(Assignment.member_id)))  # type: ignore[arg-type]


def states(db: Session, study: Study) -> list[str]:
    return [one.state for one in first_post(db, study)]


def n_submitted(db: Session, study: Study) -> list[int]:
    assert study.main is not None
    of = select(RoundAnnotator).where(RoundAnnotator.round_id == study.main.id)
    return [row.n_submitted for row in db.exec(of.order_by(RoundAnnotator.member_id))]  # type: ignore[arg-type]


def told(db: Session, action: str) -> str:
    return db.exec(select(HistoryEvent).where(HistoryEvent.action == action)).one().details


def withdraw_first(db: Session, study: Study) -> None:
    withdraw_annotator(db, study.cast.lead, number_of(study), 3)


def lock(db: Session, study: Study) -> None:
    lock_round(db, study.cast.lead, number_of(study))


@pytest.mark.parametrize(
    ("end", "after", "counted", "action"),
    [
        (withdraw_first, ["submitted", "queued", "queued"], [1, 2, 2], "round.withdraw"),
        (lock, ["submitted"] * 3, [1, 3, 3], "round.lock"),
    ],
)
def test_they_count_as_they_were(
    database: Database,
    sent_back: Study,
    end: Callable[[Session, Study], None],
    after: list[str],
    counted: list[int],
    action: str,
) -> None:
    with database.writing() as db:
        assert n_submitted(db, sent_back) == [0, 2, 2]
        end(db, sent_back)
    with database.reading() as db:
        assert states(db, sent_back) == after
        assert n_submitted(db, sent_back) == counted
        assert f'"n_counted_again":{after.count("submitted")}' in told(db, action).replace(" ", "")
        assert not list(misplaced(db, sent_back.cast.lead.project_id))


def test_they_count_in_a_round_that_was_locked_before_it_was_so(database: Database, sent_back: Study) -> None:
    with database.writing() as db:
        assert sent_back.main is not None
        db.merge(sent_back.main).locked_at = make.MOMENT
        db.flush()
        reveal_round(db, sent_back.cast.lead, number_of(sent_back))
    with database.reading() as db:
        assert states(db, sent_back) == ["submitted"] * 3


def test_in_a_round_that_is_opened_again_they_wait_as_before(database: Database, sent_back: Study) -> None:
    with database.writing() as db:
        lock(db, sent_back)
    with database.writing() as db:
        reopen_round(db, sent_back.cast.lead, number_of(sent_back))
    with database.reading() as db:
        assert states(db, sent_back) == ["queued"] * 3
        assert n_submitted(db, sent_back) == [0, 2, 2]
        assert '"n_waiting_again":3' in told(db, "round.reopen").replace(" ", "")


def test_nobody_else_is_given_the_post(database: Database, sent_back: Study) -> None:
    lead, number = sent_back.cast.lead, number_of(sent_back)
    with database.writing() as db:
        newcomer = make.member(db, sent_back.cast.project, Role.ANNOTATOR, "newcomer")
        to = db.get_one(Member, newcomer.member_id).number
        assert changing.add_annotator(db, lead, number, to) == 2
        plan = changing.reassignment(db, lead, number, 3, (to,))
        changing.reassign(db, lead, number, 3, (to,), plan.by_number)
    with database.reading() as db:
        assert states(db, sent_back) == ["queued"] * 3


def test_the_check_finds_one_that_was_left_behind(database: Database, sent_back: Study) -> None:
    with database.writing() as db:
        assert not list(misplaced(db, sent_back.cast.lead.project_id))
        for row in first_post(db, sent_back)[:1]:
            row.state = "withdrawn"
    with database.reading() as db:
        kinds = [each.kind for each in misplaced(db, sent_back.cast.lead.project_id)]
    assert kinds == [Kind.NOT_COUNTED]

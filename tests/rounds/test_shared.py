"""Rounds with a shared queue: opening them, following them, and what else of the study depends on them."""

import re
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, col, select

from server.adjudication.scope import scope_of, still_coded
from server.db.engine import Database, connection_of
from server.errors import Refusal
from server.history.models import HistoryEvent
from server.rounds import actions, queue
from server.rounds.design import Order, Purpose, RoundDesign, Sharing, described
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator, RoundQueue
from server.rounds.picks import Crew
from server.rounds.queries import (
    annotators,
    in_none_of,
    open_rounds_of,
    posts_by_codings,
    round_numbered,
    sight_of,
)
from server.rounds.sharing import queue_facts
from server.rounds.station import codings_station, own_rounds
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

# The annotators of the cast are the members 3 and 4.
DESIGN = RoundDesign(
    "Shared", Purpose.MAIN, annotators=(3, 4), seed=7, k=2, sharing=Sharing(lease_minutes=45, cap=4)
)
FORM = {
    "title": "Shared",
    "purpose": "main",
    "posts": "all",
    "annotators": ["3", "4"],
    "coders": "several",
    "k": "2",
    "handing": "queue",
    "lease": "45",
    "order": "random",
    "seed": "7",
}


@pytest.fixture
def study(cast: Cast, db: Session) -> Cast:
    make.published(db, cast.project)
    make.posts(db, cast.project, 6)
    return cast


def opened(db: Session, study: Cast, **changes: Any) -> Round:
    number = actions.open_round(db, study.lead, replace(DESIGN, **changes))
    return db.exec(
        select(Round).where(Round.project_id == study.lead.project_id, Round.number == number)
    ).one()


def slots(db: Session, of: Round) -> list[QueueSlot]:
    rows = select(QueueSlot).where(QueueSlot.round_id == of.id)
    return list(db.exec(rows.order_by(col(QueueSlot.rank), col(QueueSlot.n))))


def take(db: Session, study: Cast, of: Round) -> int | None:
    place = queue.held_place_in(db, study.annotator, of.number)
    assert place is not None
    return queue.take(connection_of(db), place)


def test_opening_makes_the_slots_and_assigns_nothing(study: Cast, db: Session) -> None:
    of = opened(db, study, crew=Crew(quotas=((4, 3),)))
    rows = slots(db, of)
    assert [(row.rank, row.n) for row in rows] == [(rank, n) for rank in range(1, 7) for n in (1, 2)]
    assert len({row.post_id for row in rows}) == 6
    assert {row.state for row in rows} == {"open"}
    rules = db.get(RoundQueue, of.id)
    assert rules is not None
    assert (rules.lease_minutes, rules.cap, rules.seed, rules.n_slots) == (45, 4, 7, 12)
    assert db.exec(select(Assignment).where(Assignment.round_id == of.id)).all() == []
    counted = select(RoundAnnotator).where(RoundAnnotator.round_id == of.id)
    counters = db.exec(counted.order_by(col(RoundAnnotator.id))).all()
    assert [(counter.n_assigned, counter.quota) for counter in counters] == [(0, None), (0, 3)]
    assert ("Most posts of each", "4: 3") in described(of.design)


def test_the_order_given_is_that_of_the_posts(study: Cast, db: Session) -> None:
    of = opened(db, study, order=Order.GIVEN)
    posts = [row.post_id for row in slots(db, of)]
    assert posts == sorted(posts)
    rules = db.get(RoundQueue, of.id)
    assert rules is not None
    assert rules.seed is None


def test_a_plan_can_keep_the_order_given_too(study: Cast, db: Session) -> None:
    of = opened(db, study, order=Order.GIVEN, sharing=None)
    rows = db.exec(
        select(Assignment.post_id)
        .where(Assignment.round_id == of.id, Assignment.member_id == study.annotator.member_id)
        .order_by(col(Assignment.position))
    ).all()
    assert list(rows) == sorted(rows)


def test_a_share_of_the_posts_is_wanted_twice(study: Cast, db: Session) -> None:
    of = opened(db, study, double_share=0.5)
    assert len(slots(db, of)) == 9


def test_many_slots_are_written_in_pieces(study: Cast, db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [(row.post_id, row.rank, row.n) for row in slots(db, opened(db, study, double_share=0.5))]
    monkeypatch.setattr(actions, "_SLOTS_AT_ONCE", 4)
    pieces = [(row.post_id, row.rank, row.n) for row in slots(db, opened(db, study, double_share=0.5))]
    assert whole == pieces


def test_more_annotators_for_a_post_than_there_are_is_refused(study: Cast, db: Session) -> None:
    with pytest.raises(Refusal) as refusal:
        actions.open_round(db, study.lead, replace(DESIGN, k=3))
    assert list(refusal.value.fields) == ["k"]


def test_the_history_and_the_page_say_how_posts_are_handed_out(study: Cast, db: Session) -> None:
    of = opened(db, study)
    event = db.exec(select(HistoryEvent).where(HistoryEvent.action == "round.open")).one()
    assert '"n_assignments":12' in event.details
    said = dict(described(of.design))
    handing = "whoever is free takes the next one; has it for 45 minutes; at most 4 codings each"
    assert said["Who gets which post"] == handing
    assert said["Order"] == "random for each annotator"


def test_who_may_still_get_a_post_is_blind_before_they_have_one(study: Cast, db: Session) -> None:
    of = opened(db, study, annotators=(2, 3, 4))
    sight = sight_of(db, study.adjudicator, of.id or 0)
    assert sight.sways
    assert sight.why_no_codings
    assert not sight_of(db, study.lead, of.id or 0).why_no_codings
    actions.withdraw_annotator(db, study.lead, of.number, 2)
    assert not sight_of(db, study.adjudicator, of.id or 0).sways


def test_posts_that_wait_in_a_queue_are_hidden_and_used(study: Cast, db: Session) -> None:
    of = opened(db, study, sample_size=4)
    hidden = select(col(QueueSlot.post_id)).where(in_none_of([of.id or 0], col(QueueSlot.post_id)))
    assert db.execute(hidden.where(col(QueueSlot.round_id) == of.id)).all() == []
    rest = opened(db, study, unused="any")
    assert rest.n_posts == 2


def test_decisions_wait_for_posts_that_are_still_open_in_a_queue(study: Cast, db: Session) -> None:
    of = opened(db, study, k=1)
    asked = select(col(QueueSlot.post_id)).where(col(QueueSlot.round_id) == of.id)
    waiting = asked.where(still_coded(scope_of(db, study.lead), col(QueueSlot.post_id)))
    assert len(db.execute(waiting).all()) == 6
    for slot in slots(db, of)[:2]:
        slot.state = "done"
    db.flush()
    assert len(db.execute(waiting).all()) == 4


def test_progress_counts_slots_and_not_what_was_handed_out(study: Cast, db: Session) -> None:
    of = opened(db, study)
    take(db, study, of)
    progress = round_numbered(db, study.lead, of.number).progress
    assert (progress.n_assigned, progress.n_done, progress.n_left) == (12, 0, 12)
    facts = queue_facts(db, study.lead, of.id or 0)
    assert facts is not None
    assert (facts.n_open, facts.n_leased, facts.n_overdue, facts.n_done, facts.n_extra) == (11, 1, 0, 0, 0)
    assert posts_by_codings(db, study.lead, of.id or 0) == ((0, 6),)
    (own,) = open_rounds_of(db, study.annotator)
    assert own.share is not None
    assert (own.share.n_left, own.share.is_over) == (12, False)


def test_extras_do_not_count_towards_the_end(study: Cast, db: Session) -> None:
    of = opened(db, study)
    counter = db.exec(
        select(RoundAnnotator).where(
            RoundAnnotator.round_id == of.id, RoundAnnotator.member_id == study.annotator.member_id
        )
    ).one()
    counter.n_assigned, counter.n_submitted, counter.n_extra, counter.n_skipped = 5, 4, 1, 1
    db.flush()
    progress = round_numbered(db, study.lead, of.number).progress
    assert (progress.n_done, progress.n_left) == (3, 9)
    station = codings_station(db, [study.lead.project_id])[study.lead.project_id]
    assert (station.done, station.total) == (3, 12)
    (own,) = own_rounds(db, study.annotator.account_id)
    assert (own.n_shared, own.n_left, own.is_over) == (9, 0, True)  # Four is the most they may do.


def test_a_plan_has_no_facts_of_a_queue(study: Cast, db: Session) -> None:
    of = opened(db, study, sharing=None)
    assert queue_facts(db, study.lead, of.id or 0) is None
    (own,) = open_rounds_of(db, study.annotator)
    assert own.share is None


def test_withdrawing_gives_the_post_to_others_and_is_recorded(study: Cast, db: Session) -> None:
    of = opened(db, study)
    take(db, study, of)
    assert actions.withdraw_annotator(db, study.lead, of.number, 3) == 1
    assert {slot.state for slot in slots(db, of)} == {"open"}
    assert take(db, study, of) is None
    assert actions.withdraw_annotator(db, study.lead, of.number, 4) == 0
    assert actions.withdraw_annotator(db, study.lead, of.number, 4) == 0
    events = select(HistoryEvent).where(HistoryEvent.action == "round.withdraw")
    assert len(db.exec(events).all()) == 2
    assert [line.is_withdrawn for line in annotators(db, study.lead, of.id or 0)] == [True, True]


@pytest.fixture
def written(database: Database, cast: Cast) -> Cast:
    with database.writing() as db:
        make.published(db, cast.project)
        make.posts(db, cast.project, 6)
    return cast


def test_the_wizard_opens_a_shared_queue(written: Cast, database: Database, client_of: ClientOf) -> None:
    client = client_of(written.lead)
    path = f"/projects/{written.project.key}/rounds"
    offered = form_fields(client.get(f"{path}/new"), "/preview", "get")
    assert (offered["handing"], offered["lease"], offered["order"]) == (["plan"], ["60"], ["random"])
    page = client.get(f"{path}/new/preview", params=FORM, follow_redirects=True)
    assert "Nobody has posts of their own" in page.text
    assert "Posts, and posts in common" not in page.text
    answer = post(client, path, form_fields(page, path))
    assert answer.status_code == 303
    shown = re.sub(r"\s+", " ", client.get(answer.headers["location"]).text)
    assert '<dt>Codings still open</dt><dd class="num">12</dd>' in shown
    assert '<dt>Posts with 0 codings</dt><dd class="num">6</dd>' in shown
    assert "has it for 45 minutes" in shown


def test_the_preview_warns_of_caps_that_end_the_round_too_soon(written: Cast, client_of: ClientOf) -> None:
    path = f"/projects/{written.project.key}/rounds/new/preview"
    page = client_of(written.lead).get(path, params=FORM | {"cap": "4"}, follow_redirects=True)
    assert "make 8 of the 12 codings" in page.text
    of_one = client_of(written.lead).get(path, params=FORM | {"quota-4": "3"}, follow_redirects=True)
    assert "make 9 of the 12 codings" in of_one.text


@on_one_database
@pytest.mark.parametrize(
    ("lease", "said"),
    [
        ("", "Write for how many minutes"),
        ("4", "This must be at least 5."),
        ("1441", "This must be at most 1440."),
    ],
)
def test_a_lease_has_bounds(written: Cast, client_of: ClientOf, lease: str, said: str) -> None:
    path = f"/projects/{written.project.key}/rounds/new/preview"
    page = client_of(written.lead).get(path, params=FORM | {"lease": lease})
    assert page.status_code == 422
    assert 'id="f-lease-error"' in page.text
    assert said in page.text


def test_the_list_and_the_withdrawal_of_a_shared_round(
    written: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        of = opened(db, written)
        number = of.number
    path = f"/projects/{written.project.key}/rounds"
    lead = client_of(written.lead)
    assert re.search(r"0 of 12", lead.get(path).text)
    form = {"annotator": "3", "withdraw_confirmed": "on"}
    gone = post(lead, f"{path}/{number}/withdraw", form)
    assert gone.status_code == 303
    shown = lead.get(f"{path}/{number}").text
    assert "The post they have goes back to the others" in shown
    assert "gets none in this round any more" in shown


def test_what_was_not_made_in_a_locked_round_is_not_still_to_come(study: Cast, db: Session) -> None:
    of = opened(db, study, sharing=None)
    before = codings_station(db, [study.lead.project_id])[study.lead.project_id]
    of.locked_at = make.MOMENT
    db.flush()
    station = codings_station(db, [study.lead.project_id])[study.lead.project_id]
    assert (before.is_done, station.is_done) == (False, True)
    assert f"{before.total} were not made before their rounds were locked." in station.said

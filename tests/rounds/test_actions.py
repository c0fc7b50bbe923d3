"""Opening rounds and moving them on."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from server.accounts.models import Account
from server.clock import now
from server.db.engine import Database
from server.errors import Conflict, NotFound, Refusal
from server.history.models import HistoryEvent
from server.projects.actions import change_role
from server.projects.models import Member
from server.projects.roles import Role
from server.rounds import actions
from server.rounds.actions import SeenPreview
from server.rounds.design import Purpose, RoundDesign
from server.rounds.models import Assignment, Round, RoundAnnotator
from server.rounds.proposal import offer, propose
from server.rounds.queries import round_numbered
from tests import make
from tests.cast import Cast
from tests.stock import on_one_database

LATER = make.MOMENT + timedelta(days=1)
ANSWERS = {"expression": ["attachment"], "emotion": "2", "stance": "against"}
# The annotators of the cast are the members 3 and 4.
DESIGN = RoundDesign("First round", Purpose.PILOT, annotators=(3, 4), seed=7, k=2)


@pytest.fixture
def study(cast: Cast, db: Session) -> Cast:
    make.published(db, cast.project)
    make.posts(db, cast.project, 6)
    return cast


def opened(db: Session, study: Cast, design: RoundDesign = DESIGN, **changes: Any) -> Round:
    number = actions.open_round(db, study.lead, replace(design, **changes))
    return db.exec(
        select(Round).where(Round.project_id == study.lead.project_id, Round.number == number)
    ).one()


def assignments(db: Session, of: Round) -> list[Assignment]:
    rows = select(Assignment).where(Assignment.round_id == of.id)
    return list(db.exec(rows.order_by(col(Assignment.member_id), col(Assignment.position))))


def of_round(db: Session, study: Cast) -> tuple[str, ...]:
    """What the history says was done to rounds of this project."""
    rows = select(HistoryEvent).where(HistoryEvent.chain == study.lead.project_id)
    return tuple(row.action for row in db.exec(rows) if row.action.startswith("round."))


def refused(db: Session, study: Cast, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        actions.open_round(db, study.lead, replace(DESIGN, **changes))
    assert not db.exec(select(Round).where(Round.project_id == study.lead.project_id)).all()
    assert of_round(db, study) == ()
    return refusal.value


def test_opening_assigns_every_post_as_planned(study: Cast, db: Session) -> None:
    row = opened(db, study)
    assert (row.number, row.title, row.purpose, row.n_posts) == (1, "First round", "pilot", 6)
    rows = assignments(db, row)
    assert Counter(one.post_id for one in rows) == Counter(dict.fromkeys({one.post_id for one in rows}, 2))
    assert [one.position for one in rows] == [1, 2, 3, 4, 5, 6] * 2
    assert {one.state for one in rows} == {"queued"}
    counters = db.exec(select(RoundAnnotator).where(RoundAnnotator.round_id == row.id)).all()
    assert {(one.member_id, one.n_assigned) for one in counters} == {
        (study.annotator.member_id, 6),
        (study.other_annotator.member_id, 6),
    }


def test_opening_pins_the_newest_published_codebook(study: Cast, db: Session) -> None:
    newest = make.published(db, study.project)
    assert opened(db, study).codebook_version_id == newest.version_id


def test_opening_is_recorded_without_texts(study: Cast, db: Session) -> None:
    opened(db, study)
    event = db.exec(select(HistoryEvent).where(HistoryEvent.action == "round.open")).one()
    assert (event.subject, event.actor_id) == ("round 1", study.lead.account_id)
    assert '"seed":7' in event.details
    assert '"n_assignments":12' in event.details
    assert "miss the old one" not in event.details


def test_the_seed_alone_decides_the_plan(study: Cast, db: Session) -> None:
    def plan(**changes: Any) -> list[tuple[int, int, int]]:
        rows = assignments(db, opened(db, study, **changes))
        return [(one.member_id, one.post_id, one.position) for one in rows]

    assert plan(annotators=(3, 4)) == plan(annotators=(4, 3, 3))
    assert plan(seed=7) != plan(seed=8)


def test_single_coding_with_a_double_coded_share(study: Cast, db: Session) -> None:
    rows = assignments(db, opened(db, study, double_share=0.5))
    depths = Counter(Counter(one.post_id for one in rows).values())
    assert depths == {1: 3, 2: 3}


def test_a_random_sample_comes_from_its_seed(study: Cast, db: Session) -> None:
    def sample(**changes: Any) -> set[int]:
        return {one.post_id for one in assignments(db, opened(db, study, **changes))}

    assert len(sample(sample_size=3)) == 3
    assert sample(sample_size=3) == sample(sample_size=3)
    assert sample(sample_size=2) < sample(sample_size=3)


def test_a_filter_on_an_extra_field(study: Cast, db: Session) -> None:
    odd = 'say "lang" & more'
    wanted = make.posts(db, study.project, 2)
    for post in wanted:
        post.extra = {"lang": "fr", odd: "yes"}
    db.flush()
    ids = {post.id for post in wanted}
    by_value = opened(db, study, filter_field="lang", filter_values=("fr", "de"))
    by_odd_name = opened(db, study, filter_field=odd, filter_values=("yes",))
    assert {one.post_id for one in assignments(db, by_value)} == ids
    assert {one.post_id for one in assignments(db, by_odd_name)} == ids
    assert offer(db, study.lead).extra_fields == ("lang", odd)


def test_posts_of_earlier_rounds_can_be_left_out(study: Cast, db: Session) -> None:
    first = {one.post_id for one in assignments(db, opened(db, study, sample_size=4))}
    second = {one.post_id for one in assignments(db, opened(db, study, unused="any"))}
    assert len(second) == 2
    assert not first & second


def test_withdrawn_posts_count_as_free_again(study: Cast, db: Session) -> None:
    opened(db, study, k=1, annotators=(3,))
    actions.withdraw_annotator(db, study.lead, 1, 3)
    assert opened(db, study, unused="any").n_posts == 6


def test_only_active_members_who_may_code_are_offered(study: Cast, db: Session) -> None:
    make.member(db, study.project, study.annotator.role, "gone", is_active=False)
    db.get_one(Account, study.other_annotator.account_id).is_active = False
    db.flush()
    offered = offer(db, study.lead)
    assert [candidate.number for candidate in offered.candidates] == [1, 2, 3]
    assert (offered.next_number, offered.n_posts, offered.codebook_number) == (1, 6, 1)


@on_one_database
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("annotators", {"annotators": ()}),
        ("annotators", {"annotators": (3, 5)}),  # the viewer
        ("annotators", {"annotators": (3, 99)}),
        ("k", {"k": 3}),
        ("k", {"k": 0}),
        ("double_share", {"double_share": 1.5}),
        ("double_share", {"double_share": 0.5, "annotators": (3,)}),
        ("size", {"sample_size": 7}),
        ("seed", {"seed": -1}),
        ("filter_values", {"filter_field": "lang", "filter_values": ("xx",)}),
        ("filter_field", {"filter_field": "no such field", "filter_values": ("xx",)}),
    ],
)
def test_an_impossible_round_is_refused_at_its_field(
    study: Cast, db: Session, field: str, changes: dict[str, Any]
) -> None:
    refusal = refused(db, study, **changes)
    assert list(refusal.fields) == [field]


def test_a_filter_that_matches_nothing_names_what_would(study: Cast, db: Session) -> None:
    refusal = refused(db, study, filter_field="lang", filter_values=("EN",))
    assert "en" in refusal.message.split()[-1]


def test_leaving_out_everything_is_refused(study: Cast, db: Session) -> None:
    opened(db, study)
    with pytest.raises(Refusal) as refusal:
        opened(db, study, unused="any")
    assert list(refusal.value.fields) == ["unused"]


def test_an_inactive_annotator_is_refused(study: Cast, db: Session) -> None:
    db.get_one(Member, study.annotator.member_id).is_active = False
    db.flush()
    assert list(refused(db, study).fields) == ["annotators"]


def test_no_posts_and_no_codebook_are_refused(cast: Cast, db: Session) -> None:
    assert "codebook" in refused(db, cast).message
    make.published(db, cast.project)
    assert "Import" in refused(db, cast).message


def test_one_preview_opens_one_round(study: Cast, db: Session) -> None:
    seen = SeenPreview("token", propose(db, study.lead, DESIGN).fingerprint)
    numbers = [actions.open_round(db, study.lead, DESIGN, seen) for _ in range(2)]
    assert numbers == [1, 1]
    assert of_round(db, study) == ("round.open",)
    # Another preview of the same design opens another round.
    assert actions.open_round(db, study.lead, DESIGN, SeenPreview("other", seen.fingerprint)) == 2


@pytest.mark.parametrize("what", ["posts", "codebook"])
def test_a_preview_that_no_longer_holds_is_a_conflict(study: Cast, db: Session, what: str) -> None:
    seen = SeenPreview("token", propose(db, study.lead, DESIGN).fingerprint)
    if what == "posts":
        make.posts(db, study.project, 1)
    else:
        make.published(db, study.project)
    with pytest.raises(Conflict):
        actions.open_round(db, study.lead, DESIGN, seen)
    assert of_round(db, study) == ()


def test_two_clicks_at_the_same_moment_open_one_round(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        make.published(db, cast.project)
        make.posts(db, cast.project, 6)
        fingerprint = propose(db, cast.lead, DESIGN).fingerprint
    together, numbers = Barrier(2), []

    def click() -> None:
        together.wait()
        with database.writing() as db:
            numbers.append(actions.open_round(db, cast.lead, DESIGN, SeenPreview("token", fingerprint)))

    clicks = [Thread(target=click) for _ in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()
    assert numbers == [1, 1]
    with database.reading() as db:
        of_project = select(func.count()).where(Round.project_id == cast.lead.project_id)
        assert db.scalar(of_project) == 1


def state(db: Session, study: Cast) -> str:
    return round_numbered(db, study.lead, 1).state


def test_lock_reopen_and_reveal(study: Cast, db: Session) -> None:
    opened(db, study)
    states = []
    for act in (actions.lock_round, actions.reopen_round, actions.lock_round, actions.reveal_round):
        act(db, study.lead, 1)
        states.append(state(db, study))
        act(db, study.lead, 1)  # a double click
        assert state(db, study) == states[-1]
    assert states == ["locked", "open", "locked", "revealed"]
    assert of_round(db, study) == (
        "round.open",
        "round.lock",
        "round.reopen",
        "round.lock",
        "round.reveal",
    )


def test_an_open_round_is_not_revealed(study: Cast, db: Session) -> None:
    row = opened(db, study)
    with pytest.raises(Refusal, match="Lock it first"):
        actions.reveal_round(db, study.lead, 1)
    assert row.revealed_at is None


def test_a_revealed_round_is_never_open_again(study: Cast, db: Session) -> None:
    row = opened(db, study)
    actions.lock_round(db, study.lead, 1)
    actions.reveal_round(db, study.lead, 1)
    with pytest.raises(Refusal, match="stays closed"):
        actions.reopen_round(db, study.lead, 1)
    assert row.locked_at is not None


def test_a_round_that_an_annotator_could_look_into_stays_locked(study: Cast, db: Session) -> None:
    row = opened(db, study, annotators=(1, 3))
    actions.lock_round(db, study.lead, 1)
    with pytest.raises(Refusal, match="Lead"):
        actions.reopen_round(db, study.lead, 1)
    assert row.locked_at is not None


def test_whoever_reviewed_while_the_round_was_locked_is_not_let_in_again_as_an_annotator(
    study: Cast, db: Session
) -> None:
    row = opened(db, study, annotators=(2, 3))
    actions.lock_round(db, study.lead, 1)
    change_role(db, study.lead, 2, Role.ANNOTATOR)
    with pytest.raises(Refusal, match="could see all codings of this round"):
        actions.reopen_round(db, study.lead, 1)
    assert row.locked_at is not None


def test_whoever_reviewed_before_the_round_was_locked_has_seen_nothing_of_it(
    study: Cast, db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = opened(db, study, annotators=(2, 3))
    change_role(db, study.lead, 2, Role.ANNOTATOR)
    monkeypatch.setattr(actions, "now", lambda: now() + timedelta(minutes=1))
    actions.lock_round(db, study.lead, 1)
    actions.reopen_round(db, study.lead, 1)
    assert row.locked_at is None


def test_withdrawing_takes_what_is_left_and_keeps_what_was_done(study: Cast, db: Session) -> None:
    book, posts = make.published(db, study.project), make.posts(db, study.project, 3)
    row = make.round_(db, study.project, book, posts, [study.annotator, study.other_annotator])
    make.coding(db, book, row, posts[0], study.annotator, ANSWERS)
    assert actions.withdraw_annotator(db, study.lead, 1, 3) == 2
    states = [(one.member_id, one.state) for one in assignments(db, row)]
    mine = [state for member_id, state in states if member_id == study.annotator.member_id]
    assert mine == ["submitted", "withdrawn", "withdrawn"]
    assert [state for _, state in states].count("queued") == 3
    counters = {one.member_id: one for one in db.exec(select(RoundAnnotator)).all()}
    db.refresh(counters[study.annotator.member_id])
    assert counters[study.annotator.member_id].n_assigned == 1
    assert counters[study.other_annotator.member_id].n_assigned == 3


def test_withdrawing_twice_changes_nothing_more(study: Cast, db: Session) -> None:
    opened(db, study)
    assert actions.withdraw_annotator(db, study.lead, 1, 3) == 6
    assert actions.withdraw_annotator(db, study.lead, 1, 3) == 0
    assert of_round(db, study) == ("round.open", "round.withdraw")


@pytest.mark.parametrize("annotator", [1, 99])
def test_only_annotators_of_the_round_are_withdrawn(study: Cast, db: Session, annotator: int) -> None:
    opened(db, study)
    with pytest.raises(Refusal) as refusal:
        actions.withdraw_annotator(db, study.lead, 1, annotator)
    assert list(refusal.value.fields) == ["annotator"]


def test_nobody_is_withdrawn_from_a_locked_round(study: Cast, db: Session) -> None:
    row = opened(db, study)
    actions.lock_round(db, study.lead, 1)
    with pytest.raises(Refusal, match="locked"):
        actions.withdraw_annotator(db, study.lead, 1, 3)
    assert {one.state for one in assignments(db, row)} == {"queued"}


def test_another_projects_round_is_not_found(cast: Cast, db: Session) -> None:
    for act in (actions.lock_round, actions.reopen_round, actions.reveal_round):
        with pytest.raises(NotFound):
            act(db, cast.lead, 1)

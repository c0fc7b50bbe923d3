"""The order by thread, of a plan and of a shared queue: threads whole, posts by date, threads at random."""

from datetime import UTC, datetime, timedelta
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from server.rounds import actions
from server.rounds.design import Order, Purpose, RoundDesign, Sharing, described
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator
from server.rounds.plan import make_plan
from server.rounds.ranks import first_cursor, make_queue
from server.rounds.threads import Threads, threads_of
from tests import make
from tests.cast import Cast

DAY = datetime(2025, 8, 8, tzinfo=UTC)
# Of each post its thread and, perhaps, its date.
POSTS = st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(0, 3)), min_size=1, max_size=60)
SEEDS = st.integers(0, 2**53)


def threads(posts: list[tuple[int, int | None]]) -> Threads:
    return threads_of((key, None if day is None else DAY + timedelta(days=day)) for key, day in posts)


def assert_threads_are_whole_and_by_date(order: list[int], posts: list[tuple[int, int | None]]) -> None:
    runs = [(key, list(run)) for key, run in groupby(order, key=lambda post: posts[post][0])]
    assert len(runs) == len({key for key, _run in runs})
    for _key, run in runs:
        by_date = sorted(run, key=lambda post: (posts[post][1] is None, posts[post][1] or 0, post))
        assert run == by_date


@given(POSTS, st.integers(1, 3), SEEDS)
def test_everybody_codes_thread_by_thread(posts: list[tuple[int, int | None]], k: int, seed: int) -> None:
    plan = make_plan(len(posts), range(4), k=k, seed=seed, threads=threads(posts))
    usual = make_plan(len(posts), range(4), k=k, seed=seed)
    for annotator in range(4):
        order = plan.post_index[plan.annotator_index == annotator].tolist()
        assert_threads_are_whole_and_by_date(order, posts)
        assert set(order) == set(usual.post_index[usual.annotator_index == annotator].tolist())
        positions = plan.position[plan.annotator_index == annotator].tolist()
        assert positions == list(range(1, len(order) + 1))


def test_everybody_has_the_threads_in_an_order_of_their_own() -> None:
    of = threads([(post // 2, post) for post in range(40)])
    plan = make_plan(40, range(3), k=3, seed=1, threads=of)
    again, other = (make_plan(40, range(3), k=3, seed=seed, threads=of) for seed in (1, 2))
    orders = {tuple(plan.post_index[plan.annotator_index == annotator].tolist()) for annotator in range(3)}
    assert len(orders) == 3
    assert np.array_equal(plan.post_index, again.post_index)
    assert not np.array_equal(plan.post_index, other.post_index)


@given(POSTS, st.integers(1, 5), SEEDS)
def test_a_queue_has_its_ranks_thread_by_thread_and_everybody_begins_with_one(
    posts: list[tuple[int, int | None]], n_annotators: int, seed: int
) -> None:
    of = threads(posts)
    plan = make_queue(len(posts), range(n_annotators), seed=seed, threads=of)
    order = plan.post_index.tolist()
    assert sorted(order) == list(range(len(posts)))
    assert_threads_are_whole_and_by_date(order, posts)
    for annotator in range(n_annotators):
        cursor = first_cursor(plan, annotator, n_annotators)
        assert cursor == 0 or posts[order[cursor]][0] != posts[order[cursor - 1]][0]


def test_the_doubles_are_the_same_in_every_order() -> None:
    of = threads([(post // 3, post) for post in range(30)])
    by_thread = make_queue(30, range(2), double_share=0.5, seed=3, threads=of)
    usual = make_queue(30, range(2), double_share=0.5, seed=3)
    doubled = [set(plan.post_index[plan.depth == 2].tolist()) for plan in (by_thread, usual)]
    assert doubled[0] == doubled[1]


@pytest.fixture
def study(cast: Cast, db: Session) -> Cast:
    """Six posts: 5, 1 and 4 by date of a thread that is named by post 1, which does not say so."""
    make.published(db, cast.project)
    posts = make.posts(db, cast.project, 6)
    posts[3].thread_key = posts[4].thread_key = posts[0].external_id
    posts[4].posted_at = make.MOMENT
    db.flush()
    return cast


def opened(db: Session, study: Cast, sharing: Sharing | None = None) -> Round:
    design = RoundDesign(
        "By thread", Purpose.MAIN, annotators=(3, 4), seed=7, k=2, order=Order.THREAD, sharing=sharing
    )
    number = actions.open_round(db, study.lead, design)
    found = select(Round).where(Round.project_id == study.lead.project_id, Round.number == number)
    return db.exec(found).one()


def test_a_round_by_thread_is_planned_and_says_so(db: Session, study: Cast) -> None:
    of = opened(db, study)
    said = dict(described(of.design))["Order"]
    assert said == "thread by thread, each by date; 4 threads, where a post without one counts as one"
    for member in (study.annotator, study.other_annotator):
        rows = select(Assignment.post_id).where(
            Assignment.round_id == of.id, Assignment.member_id == member.member_id
        )
        first = min(db.exec(rows).all())
        order = [post - first + 1 for post in db.exec(rows.order_by(col(Assignment.position))).all()]
        assert "5 1 4" in " ".join(map(str, order))


def test_a_shared_queue_goes_on_in_the_thread(db: Session, study: Cast) -> None:
    of = opened(db, study, Sharing(lease_minutes=45))
    slots = db.exec(
        select(QueueSlot.post_id)
        .where(QueueSlot.round_id == of.id, QueueSlot.n == 1)
        .order_by(col(QueueSlot.rank))
    ).all()
    order = [post - min(slots) + 1 for post in slots]
    assert "5 1 4" in " ".join(map(str, order))
    cursors = db.exec(select(RoundAnnotator.cursor).where(RoundAnnotator.round_id == of.id)).all()
    assert min(cursors) == 0
    assert max(cursors) > 0

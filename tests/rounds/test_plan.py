"""Plans are balanced, drawn from their seed alone, and refused in words when impossible."""

from math import comb
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import Refusal
from server.rounds.plan import Plan, draw_sample, make_plan, summarise


def spread(counts: dict[int, int] | dict[tuple[int, int], int]) -> int:
    return max(counts.values()) - min(counts.values()) if counts else 0


def triples(plan: Plan) -> list[tuple[int, int, int]]:
    columns = (plan.post_index, plan.annotator_index, plan.position)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def bound(k: int) -> int:
    return {1: 0, 2: 1, 3: 2}.get(k, 3)


@st.composite
def full_plans(draw: st.DrawFn) -> tuple[Plan, int]:
    people = draw(st.lists(st.integers(1, 10_000), min_size=1, max_size=10, unique=True))
    k = draw(st.integers(1, len(people)))
    n_posts, seed = draw(st.integers(1, 400)), draw(st.integers(0, 2**63))
    return make_plan(n_posts, people, k=k, seed=seed), k


def test_thousands_of_posts_for_each_annotator_are_shared_out() -> None:
    plan = make_plan(5_600, range(1, 21), k=15, seed=1)
    assert spread(summarise(plan).loads) <= 1


@settings(max_examples=50, deadline=None)
@given(full_plans())
def test_every_post_gets_k_different_annotators(drawn: tuple[Plan, int]) -> None:
    plan, k = drawn
    assert len({(post, person) for post, person, _ in triples(plan)}) == plan.n_posts * k
    assert np.bincount(plan.post_index, minlength=plan.n_posts).tolist() == [k] * plan.n_posts


@settings(max_examples=50, deadline=None)
@given(full_plans())
def test_loads_and_overlaps_are_as_even_as_promised(drawn: tuple[Plan, int]) -> None:
    plan, k = drawn
    summary = summarise(plan)
    assert spread(summary.loads) <= 1
    assert spread(summary.overlaps) <= bound(k)
    assert sum(summary.overlaps.values()) == plan.n_posts * comb(k, 2)


@settings(max_examples=60, deadline=None)
@given(full_plans())
def test_every_annotator_has_an_own_order_without_gaps(drawn: tuple[Plan, int]) -> None:
    plan, _ = drawn
    for index, load in enumerate(summarise(plan).loads.values()):
        assert plan.position[plan.annotator_index == index].tolist() == list(range(1, load + 1))


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 10), st.integers(1, 500), st.floats(0, 1), st.integers(0, 2**63))
def test_single_coding_with_a_double_coded_share(people: int, n_posts: int, share: float, seed: int) -> None:
    plan = make_plan(n_posts, range(people), double_share=share, seed=seed)
    summary = summarise(plan)
    assert summary.double_coded == int(n_posts * share + 0.5)
    assert summary.single_coded + summary.double_coded == n_posts
    assert spread(summary.loads) <= 1
    assert spread(summary.overlaps) <= 1


@pytest.mark.parametrize("people", range(3, 13))
@pytest.mark.parametrize("k", [2, 3])
def test_promised_overlaps_where_few_posts_make_them_hard(people: int, k: int) -> None:
    for n_posts in range(1, 60, 7):
        for seed in range(3):
            summary = summarise(make_plan(n_posts, range(people), k=k, seed=seed))
            assert spread(summary.overlaps) <= bound(k)


def test_a_plan_that_uses_every_block_equally_often_is_exactly_even() -> None:
    summary = summarise(make_plan(comb(6, 3) * 5, range(6), k=3, seed=4))
    assert spread(summary.loads) == spread(summary.overlaps) == 0


def test_the_order_in_which_annotators_are_named_does_not_matter() -> None:
    one, other = make_plan(50, [9, 2, 5], k=2, seed=1), make_plan(50, [5, 9, 2], k=2, seed=1)
    assert one.annotators == other.annotators == (2, 5, 9)
    assert triples(one) == triples(other)


def test_a_seed_gives_this_very_plan_on_every_machine() -> None:
    plan = make_plan(4, [10, 20, 30], k=2, seed=2025)
    assert triples(plan) == PINNED
    assert draw_sample(100, 5, seed=2025).tolist() == PINNED_SAMPLE


def test_another_seed_gives_another_plan() -> None:
    assert triples(make_plan(50, range(3), k=2, seed=1)) != triples(make_plan(50, range(3), k=2, seed=2))


def test_annotators_meet_the_posts_in_different_orders() -> None:
    plan = make_plan(200, range(3), k=3, seed=7)
    orders = {tuple(plan.post_index[plan.annotator_index == person].tolist()) for person in range(3)}
    assert len(orders) == 3


def test_the_double_coded_posts_are_a_random_sample() -> None:
    hits = np.zeros(40, dtype=np.int64)
    for seed in range(400):
        plan = make_plan(40, range(3), double_share=0.25, seed=seed)
        hits += np.bincount(plan.post_index, minlength=40) == 2
    assert hits.sum() == 4000
    assert 60 <= hits.min() <= hits.max() <= 145


@given(st.integers(1, 300), st.data())
def test_a_sample_is_without_repetition_and_grows(n_posts: int, data: st.DataObject) -> None:
    size, seed = data.draw(st.integers(1, n_posts)), data.draw(st.integers(0, 2**63))
    sample = draw_sample(n_posts, size, seed)
    assert sample.tolist() == sorted(set(sample.tolist()))
    assert len(sample) == size
    assert set(sample.tolist()) <= set(range(n_posts))
    assert set(sample.tolist()) <= set(draw_sample(n_posts, n_posts, seed).tolist())


def test_a_hundred_thousand_posts_for_three_annotators_each_are_planned_at_once() -> None:
    started = perf_counter()
    plan = make_plan(100_000, range(12), k=3, seed=3)
    # The work takes a small part of this; the rest is room for a busy machine.
    assert perf_counter() - started < 3
    assert plan.post_index.size == 300_000


@pytest.mark.parametrize(
    ("field", "n_posts", "people", "k", "share", "seed"),
    [
        ("posts", 0, [1], 1, None, 1),
        ("annotators", 5, [], 1, None, 1),
        ("annotators", 5, [1, 1], 1, None, 1),
        ("k", 5, [1, 2], 3, None, 1),
        ("k", 5, [1, 2], 0, None, 1),
        ("double_share", 5, [1, 2], 1, 1.01, 1),
        ("double_share", 5, [1, 2], 1, -0.1, 1),
        ("double_share", 5, [1, 2], 1, float("nan"), 1),
        ("double_share", 5, [1], 1, 0.2, 1),
        ("seed", 5, [1], 1, None, -1),
    ],
)
def test_impossible_plans_are_refused_at_their_field(
    field: str, n_posts: int, people: list[int], k: int, share: float | None, seed: int
) -> None:
    with pytest.raises(Refusal) as refused:
        make_plan(n_posts, people, k=k, double_share=share, seed=seed)
    assert list(refused.value.fields) == [field]
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    ("field", "n_posts", "size", "seed"),
    [("posts", 0, 1, 1), ("size", 5, 6, 1), ("size", 5, 0, 1), ("seed", 5, 1, -1)],
)
def test_impossible_samples_are_refused_at_their_field(
    field: str, n_posts: int, size: int, seed: int
) -> None:
    with pytest.raises(Refusal) as refused:
        draw_sample(n_posts, size, seed)
    assert list(refused.value.fields) == [field]


def test_one_annotator_may_code_everything_alone() -> None:
    summary = summarise(make_plan(7, [3], double_share=0, seed=1))
    assert (summary.loads, summary.overlaps, summary.single_coded) == ({3: 7}, {}, 7)


PINNED: list[tuple[int, int, int]] = [
    (0, 0, 1),
    (3, 0, 2),
    (2, 0, 3),
    (1, 1, 1),
    (3, 1, 2),
    (0, 2, 1),
    (1, 2, 2),
    (2, 2, 3),
]
PINNED_SAMPLE: list[int] = [12, 14, 32, 70, 75]

"""The order of a shared queue, and where each annotator's searches begin."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Refusal
from server.rounds.ranks import make_queue, start, summarise_queue

COUNTS, SEEDS = st.integers(1, 200), st.integers(0, 2**53)


@given(COUNTS, st.integers(1, 5), SEEDS)
def test_every_post_has_one_rank_and_as_many_slots_as_asked(n_posts: int, k: int, seed: int) -> None:
    plan = make_queue(n_posts, range(5), k=k, seed=seed)
    assert sorted(plan.post_index.tolist()) == list(range(n_posts))
    assert plan.depth.tolist() == [k] * n_posts
    assert plan.n_slots == k * n_posts


@given(COUNTS, st.floats(0, 1), SEEDS)
def test_a_share_of_the_posts_is_wanted_twice(n_posts: int, share: float, seed: int) -> None:
    plan = make_queue(n_posts, range(2), double_share=share, seed=seed)
    assert set(plan.depth.tolist()) <= {1, 2}
    assert int((plan.depth == 2).sum()) == int(n_posts * share + 0.5)


@given(COUNTS, SEEDS)
def test_the_order_given_is_kept_and_the_doubles_are_still_drawn(n_posts: int, seed: int) -> None:
    given_, random = (
        make_queue(n_posts, range(2), double_share=0.5, seed=seed, is_random=is_random)
        for is_random in (False, True)
    )
    assert given_.post_index.tolist() == list(range(n_posts))
    doubled = [set(plan.post_index[plan.depth == 2].tolist()) for plan in (given_, random)]
    assert doubled[0] == doubled[1]


def test_the_seed_decides_the_ranks() -> None:
    orders = [make_queue(50, [1], seed=seed).post_index for seed in (1, 1, 2)]
    assert np.array_equal(orders[0], orders[1])
    assert not np.array_equal(orders[0], orders[2])


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("k", {"k": 3}),
        ("k", {"k": 0}),
        ("double_share", {"double_share": 1.5}),
        ("seed", {"seed": -1}),
    ],
)
def test_what_is_impossible_is_refused(field: str, changes: dict[str, int]) -> None:
    with pytest.raises(Refusal) as refusal:
        make_queue(4, [1, 2], **(dict[str, Any](seed=1) | changes))
    assert field in refusal.value.fields


@given(SEEDS, st.integers(1, 10_000), st.integers(0, 10_000), COUNTS)
def test_a_search_begins_at_a_rank_that_can_be_gone_after(
    seed: int, member: int, n: int, n_posts: int
) -> None:
    assert 0 <= start(seed, member, n, n_posts) < n_posts
    assert start(seed, member, n, n_posts) == start(seed, member, n, n_posts)


def test_searches_begin_everywhere_and_for_everybody_elsewhere() -> None:
    begun = Counter(start(7, member, n, 10) for member in range(20) for n in range(100))
    assert set(begun) == set(range(10))
    assert max(begun.values()) < 1.5 * min(begun.values())
    assert [start(7, 1, n, 1000) for n in range(5)] != [start(7, 2, n, 1000) for n in range(5)]


def test_the_summary_says_how_far_the_caps_reach() -> None:
    plan = make_queue(10, range(3), k=2, seed=1)
    assert summarise_queue(plan, [None] * 3).n_within_caps == 3 * plan.post_index.size
    found = summarise_queue(plan, [5, 4, 6])
    assert (found.n_posts, found.n_assignments, found.double_coded) == (10, 20, 10)
    assert found.n_within_caps == 15

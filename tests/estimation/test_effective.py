"""Binomial intervals at an effective number of posts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.estimation import (
    clopper_pearson_interval,
    cluster_interval,
    clustered_interval,
    drawn_interval,
    jeffreys_interval,
    stratified_proportion,
    wilson_interval,
)

INTERVALS = (wilson_interval, clopper_pearson_interval, jeffreys_interval)
CLUSTERS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=12).filter(
    lambda clusters: sum(yes + no > 0 for yes, no in clusters) > 1
)


@pytest.mark.parametrize("interval", INTERVALS)
def test_posts_that_differ_as_independent_ones_count_singly(interval: object) -> None:
    """40 of 100 authors with a post each: n* = p(1-p)/v = n - 1, and the degrees are the same."""
    found = clustered_interval([1] * 40 + [0] * 60, [1] * 100, interval, "so")  # type: ignore[arg-type]
    assert found.interval == pytest.approx(interval(0.4 * 99, 99, 0.95))  # type: ignore[operator]
    assert (found.clusters, found.method) == (100, "so")


@settings(max_examples=30)
@given(CLUSTERS, st.sampled_from(INTERVALS))
def test_it_holds_the_share_and_is_no_shorter_than_of_independent_posts(
    clusters: list[tuple[int, int]], interval: object
) -> None:
    yes, posts = [y for y, _no in clusters], [y + no for y, no in clusters]
    found = clustered_interval(yes, posts, interval, "so")  # type: ignore[arg-type]
    assert found.share is not None
    assert found.interval is not None
    low, high = found.interval
    assert low - 1e-9 <= found.share <= high + 1e-9
    narrow = interval(sum(yes), sum(posts), 0.95)  # type: ignore[operator]
    assert high - low >= narrow[1] - narrow[0] - 1e-9


def test_where_there_is_no_interval() -> None:
    assert clustered_interval([], [], wilson_interval, "so").share is None
    alone = clustered_interval([1], [3], wilson_interval, "so")
    assert (alone.interval, alone.clusters) == (None, 1)
    assert alone.reason == cluster_interval([1], [3]).reason


def test_a_part_of_a_corpus_is_surer_than_posts_like_these() -> None:
    """Half of the corpus: worth twice as many posts. All of it: certain. Nearly nothing: as ever."""
    assert drawn_interval(30, 100, 0.5, wilson_interval) == wilson_interval(60, 200)
    assert drawn_interval(30, 100, 1, wilson_interval) == (0.3, 0.3)
    assert drawn_interval(30, 100, 1e-12, wilson_interval) == pytest.approx(wilson_interval(30, 100))
    with pytest.raises(ValueError, match="the part that was drawn"):
        drawn_interval(3, 10, 0, wilson_interval)


def test_it_is_near_the_stratified_one_of_a_single_stratum() -> None:
    other = stratified_proportion([300], [1000], [4000]).interval
    assert drawn_interval(300, 1000, 0.25, wilson_interval) == pytest.approx(other, abs=5e-4)

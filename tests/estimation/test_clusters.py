"""Proportions over clusters against R's survey package, and where they are undefined."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from server.estimation import (
    cluster_interval,
    cluster_proportion,
    effective_size,
    proportion,
    wilson_interval,
)

# apiclus1 of R's survey package: 15 of 757 districts, schools by type; svymean(~stype, dclus1).
SIZES = [13, 34, 4, 13, 16, 2, 1, 4, 12, 21, 9, 11, 37, 2, 4]
ELEMENTARY = [10, 34, 2, 10, 13, 2, 1, 2, 9, 16, 4, 8, 30, 1, 2]
HIGH = [0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 4, 1, 3, 0, 1]


@pytest.mark.parametrize(
    ("counts", "share", "error"), [(ELEMENTARY, 0.786885, 0.0463), (HIGH, 0.076503, 0.0268)]
)
def test_published_standard_errors(counts: list[int], share: float, error: float) -> None:
    estimate = cluster_interval(counts, SIZES, population_clusters=757)
    assert estimate.share == pytest.approx(share, abs=6e-7)
    assert estimate.standard_error == pytest.approx(error, abs=6e-5)
    assert (estimate.clusters, estimate.reason) == (15, None)


def test_the_limits_lie_t_errors_away_on_the_logit_scale() -> None:
    estimate = cluster_interval(HIGH, SIZES, confidence=0.9)
    assert estimate.share is not None
    assert estimate.standard_error is not None
    assert estimate.interval is not None
    logit_error = estimate.standard_error / (estimate.share * (1 - estimate.share))
    for limit, sign in zip(estimate.interval, (-1, 1), strict=True):
        away = math.log(limit / (1 - limit)) - math.log(estimate.share / (1 - estimate.share))
        assert away == pytest.approx(sign * stats.t.ppf(0.95, 14) * logit_error)


def test_clusters_of_one_post_are_a_simple_random_sample() -> None:
    error = cluster_interval([1] * 30 + [0] * 70, [1] * 100).standard_error
    assert error == pytest.approx(math.sqrt(0.3 * 0.7 / 99))


def test_clusters_that_are_alike_within_widen_the_interval() -> None:
    clustered = cluster_proportion([10, 0, 10, 0, 10, 0, 0, 0], [10] * 8)
    simple = proportion(30, 80)
    assert (clustered.count, clustered.denominator, clustered.share) == (30, 80, simple.share)
    assert clustered.interval is not None
    assert simple.interval is not None
    assert clustered.interval[0] < simple.interval[0] < simple.interval[1] < clustered.interval[1]


@pytest.mark.parametrize(("counts", "share"), [([0, 0, 0], 0.0), ([2, 4, 6], 1.0), ([1, 2, 3], 0.5)])
def test_without_spread_between_clusters_the_effective_size_speaks(counts: list[int], share: float) -> None:
    sizes = [2, 4, 6]
    estimate = cluster_interval(counts, sizes)
    n = 144 / 56
    assert (estimate.share, estimate.standard_error) == (share, None)
    assert estimate.interval == pytest.approx(wilson_interval(share * n, n))
    assert "effective number" in estimate.method
    assert "entirely alike" in (estimate.reason or "")


def test_one_cluster_has_a_share_but_no_interval() -> None:
    estimate = cluster_proportion([3], [8])
    assert (estimate.share, estimate.interval) == (0.375, None)
    assert "one cluster" in (estimate.reason or "")


def test_no_post_has_no_share() -> None:
    for empty in (cluster_proportion([], []), cluster_proportion([0], [0])):
        assert (empty.share, empty.interval, empty.reason) == (None, None, "There is no post to count.")


def test_a_census_of_clusters_is_certain() -> None:
    estimate = cluster_interval([1, 0], [2, 3], population_clusters=2)
    assert (estimate.standard_error, estimate.interval) == (0.0, (0.2, 0.2))


def test_empty_clusters_do_not_count() -> None:
    assert cluster_interval([1, 0, 2], [2, 0, 5]) == cluster_interval([1, 2], [2, 5])


@pytest.mark.parametrize(
    ("counts", "sizes", "population"),
    [([1], [1, 2], None), ([3], [2], None), ([-1], [2], None), ([1, 1], [2, 2], 1)],
)
def test_what_cannot_be_is_refused(counts: list[int], sizes: list[int], population: int | None) -> None:
    with pytest.raises(ValueError, match=r"same length|between 0|more clusters"):
        cluster_interval(counts, sizes, population_clusters=population)


def test_effective_size_of_equal_clusters_is_their_number() -> None:
    assert effective_size([7] * 12) == pytest.approx(12)
    with pytest.raises(ValueError, match="no post"):
        effective_size([])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=2, max_size=12))
def test_the_interval_holds_the_share_whatever_the_clusters(pairs: list[tuple[int, int]]) -> None:
    counts, sizes = [min(pair) for pair in pairs], [pair[1] for pair in pairs]
    estimate = cluster_interval(counts, sizes)
    assert estimate.share is not None
    assert estimate.interval is not None
    low, high = estimate.interval
    assert 0 <= low <= estimate.share + 1e-12
    assert estimate.share - 1e-12 <= high <= 1


def test_the_order_of_clusters_does_not_matter() -> None:
    order = np.random.default_rng(1).permutation(15)
    shuffled = cluster_interval([HIGH[i] for i in order], [SIZES[i] for i in order])
    original = cluster_interval(HIGH, SIZES)
    assert shuffled.standard_error == pytest.approx(original.standard_error)

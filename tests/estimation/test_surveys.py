"""Weighted, clustered and stratified shares against R's survey package, a jackknife and simulated samples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.estimation import cluster_interval, survey_proportion

# apiclus1 of R's survey package: 15 of 757 districts, schools by type; svymean(~stype, dclus1).
SIZES = [13, 34, 4, 13, 16, 2, 1, 4, 12, 21, 9, 11, 37, 2, 4]
HIGH = [0, 0, 1, 0, 0, 0, 0, 1, 1, 2, 4, 1, 3, 0, 1]


def posts(counts: list[int], sizes: list[int]) -> tuple[list[int], list[int]]:
    """Whether each post carries the code, and its cluster."""
    carries = [int(i < count) for count, size in zip(counts, sizes, strict=True) for i in range(size)]
    return carries, [i for i, size in enumerate(sizes) for _ in range(size)]


def test_published_standard_error_of_clusters() -> None:
    carries, clusters = posts(HIGH, SIZES)
    # apiclus1 gives every school the weight 33.847.
    found = survey_proportion(carries, [33.847] * 183, clusters, population_clusters=[757])
    assert found.share == pytest.approx(0.076503, abs=6e-7)
    assert found.standard_error == pytest.approx(0.0268, abs=6e-5)
    assert found.degrees == 14


@given(
    some.lists(some.tuples(some.integers(0, 9), some.integers(1, 9)), min_size=2, max_size=12),
    some.floats(0.01, 100),
)
def test_equal_weights_are_none(pairs: list[tuple[int, int]], weight: float) -> None:
    counts, sizes = [min(pair) for pair in pairs], [pair[1] for pair in pairs]
    expected = cluster_interval(counts, sizes, population_clusters=40)
    carries, clusters = posts(counts, sizes)
    found = survey_proportion(carries, [weight] * len(carries), clusters, population_clusters=[40])
    assert found.share == pytest.approx(expected.share)
    assert found.standard_error == pytest.approx(expected.standard_error)
    assert found.interval == pytest.approx(expected.interval)


def test_the_linearised_error_is_near_the_jackknife() -> None:
    rng = np.random.default_rng(5)
    clusters, weights = np.repeat(np.arange(60), 4), rng.uniform(0.5, 3, 240)
    carries = rng.random(240) < np.repeat(rng.uniform(0.1, 0.6, 60), 4)
    left_out = [
        float(weights[clusters != i] @ carries[clusters != i] / weights[clusters != i].sum())
        for i in range(60)
    ]
    jackknife = math.sqrt(59 / 60 * float(np.square(np.array(left_out) - np.mean(left_out)).sum()))
    found = survey_proportion(carries, weights, clusters)
    assert found.share == pytest.approx(float(weights @ carries / weights.sum()))
    assert found.standard_error == pytest.approx(jackknife, rel=0.02)


def test_the_interval_covers_as_often_as_it_says_when_weights_undo_unequal_chances() -> None:
    rng = np.random.default_rng(7)
    carries = rng.random(4000) < 0.3
    chance = np.where(carries, 0.06, 0.03)
    covered = []
    for _ in range(200):
        drawn = rng.random(4000) < chance
        found = survey_proportion(carries[drawn], 1 / chance[drawn], confidence=0.9)
        assert found.interval is not None
        covered.append(found.interval[0] <= carries.mean() <= found.interval[1])
    assert 0.84 <= np.mean(covered) <= 0.96


units = some.lists(
    some.tuples(some.booleans(), some.floats(0.1, 9), some.integers(0, 5), some.integers(0, 1)),
    min_size=1,
    max_size=25,
)


@given(units)
def test_the_interval_holds_the_share_and_order_does_not_matter(
    drawn: list[tuple[bool, float, int, int]],
) -> None:
    def estimate(rows: list[tuple[bool, float, int, int]]) -> tuple[float | None, tuple[float, float] | None]:
        carries, weights, clusters, strata = zip(*rows, strict=True)
        nested = [6 * stratum + cluster for cluster, stratum in zip(clusters, strata, strict=True)]
        found = survey_proportion(carries, weights, nested, strata)
        assert (found.interval is None) == (found.degrees == 0 or "single" in (found.reason or ""))
        return found.share, found.interval

    share, interval = estimate(drawn)
    again, turned = estimate(sorted(drawn, key=repr))
    assert again == pytest.approx(share)
    assert turned == (interval if interval is None else pytest.approx(interval))
    assert share is not None
    if interval:
        assert 0 <= interval[0] <= share + 1e-12
        assert share - 1e-12 <= interval[1] <= 1


def test_weights_of_nothing_leave_posts_out() -> None:
    assert survey_proportion([1, 0, 1], [2, 1, 0]) == survey_proportion([1, 0], [2, 1])
    empty = survey_proportion([1, 0], [0, 0])
    assert (empty.share, empty.interval, empty.reason) == (None, None, "There is no post to count.")


def test_unequal_weights_widen_the_interval() -> None:
    carries = [1, 0, 0, 1, 0, 0, 0, 1] * 5
    equal = survey_proportion(carries).standard_error
    unequal = survey_proportion(carries, [1, 9] * 20).standard_error
    assert unequal is not None
    assert equal is not None
    assert unequal > 1.2 * equal


def test_single_clusters_are_refused_in_words_unless_they_are_all_there_is() -> None:
    alone = survey_proportion([1, 0], clusters=[3, 3])
    assert (alone.share, alone.standard_error, alone.interval) == (0.5, None, None)
    assert "one cluster" in (alone.reason or "")
    lonely = survey_proportion([1, 0, 1], clusters=[0, 1, 2], strata=[0, 0, 1])
    assert "1 of 2 strata have a single cluster" in (lonely.reason or "")
    known = survey_proportion([1, 0, 1], clusters=[0, 1, 2], strata=[0, 0, 1], population_clusters=[5, 1])
    assert known.interval


def test_a_census_is_certain_and_no_spread_is_said() -> None:
    census = survey_proportion([1, 0, 1, 1], population_clusters=[4])
    assert (census.standard_error, census.interval) == (0.0, (0.75, 0.75))
    alike = survey_proportion([0, 0, 0, 0], [1, 2, 1, 1])
    assert (alike.share, alike.standard_error) == (0.0, None)
    assert "Nothing differs" in (alike.reason or "")
    assert alike.interval is not None
    assert alike.interval[1] > 0.4


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"carries": [1, 0], "weights": [1]}, "same length"),
        ({"carries": [2, 0]}, "between 0 and 1"),
        ({"carries": [1, 0], "weights": [1, -1]}, "negative"),
        ({"carries": [1, 0], "clusters": [0.5, 1]}, "whole numbers"),
        ({"carries": [1, 0], "clusters": [0, 0], "strata": [0, 1]}, "one stratum only"),
        ({"carries": [1, 0], "population_clusters": [1]}, "more clusters"),
        ({"carries": [1, 0], "strata": [0, 1], "population_clusters": [5]}, "every stratum"),
        ({"carries": [1, 0], "confidence": 95}, "confidence"),
    ],
)
def test_what_cannot_be_is_refused(given_: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        survey_proportion(**given_)  # type: ignore[arg-type]


def test_a_part_of_the_posts_is_a_domain_of_all_that_were_drawn() -> None:
    """Two strata, 3 and 2 posts drawn, of which 2 and 1 are of the domain.

    p = (4 + 0)/(4 + 4 + 1) = 4/9 with weights 4 and 1. z = w(y - p)/9 is (20, -16, 0)/81 and (-4, 0)/81, so
    v = [3/2 (20² + 16² - 4²/3) + 2 (4² - 4²/2)] / 81² (Särndal et al. 1992).
    """
    found = survey_proportion(
        [1, 0, 1, 0, 1], [4, 4, 4, 1, 1], strata=[0, 0, 0, 1, 1], domain=[True, True, False, True, False]
    )
    assert found.share == pytest.approx(4 / 9)
    variance = (1.5 * (20**2 + 16**2 - 4**2 / 3) + 2 * (4**2 - 4**2 / 2)) / 81**2
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    assert found.degrees == 1
    alone = survey_proportion([1, 0, 1], strata=[0, 0, 0], domain=[True, False, False])
    assert (alone.share, alone.interval) == (1, None)
    nothing = survey_proportion([1, 0], domain=[False, False])
    assert nothing.share is None

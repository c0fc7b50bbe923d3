"""Weighted, clustered and stratified shares against R's survey package, a jackknife and simulated samples."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from server.estimation import (
    clopper_pearson_interval,
    cluster_interval,
    clustered_interval,
    jeffreys_interval,
    survey_proportion,
    wilson_interval,
)

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


DRAWS = some.lists(
    some.lists(some.tuples(some.integers(0, 1), some.integers(0, 1)), min_size=2, max_size=6),
    min_size=1,
    max_size=3,
)
BINOMIAL = (wilson_interval, clopper_pearson_interval, jeffreys_interval)


def drawn(strata: list[list[tuple[int, int]]]) -> tuple[list[int], list[float], list[int], list[int]]:
    """Whether each post carries the code, its weight, its stratum; and how many posts each stratum has."""
    rows = [(yes, 2.0 + at, at) for at, stratum in enumerate(strata) for yes, _heavy in stratum]
    carries, weights, of = (list(column) for column in zip(*rows, strict=True))
    return carries, weights, of, [(2 + at) * len(stratum) for at, stratum in enumerate(strata)]


def slowly(
    strata: list[list[tuple[int, int]]], sizes: list[int] | None, confidence: float
) -> tuple[float, float] | None:
    """p and n* of Korn and Graubard over strata, written out post by post; None where nothing varies."""
    n = sum(map(len, strata))
    whole = sum((2 + at) * len(stratum) for at, stratum in enumerate(strata))
    p = sum((2 + at) * yes for at, stratum in enumerate(strata) for yes, _heavy in stratum) / whole
    endless = left = 0.0
    for at, stratum in enumerate(strata):
        values = [yes for yes, _heavy in stratum]
        mean = sum(values) / len(values)
        spread = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
        of_stratum = ((2 + at) * len(stratum) / whole) ** 2 * spread / len(values)
        endless += of_stratum
        left += of_stratum * (1 - (len(values) / sizes[at] if sizes else 0))
    if endless == 0:
        return None
    tail = (1 + confidence) / 2
    ratio = stats.t.ppf(tail, n - 1) / stats.t.ppf(tail, n - len(strata))
    return p, min(p * (1 - p) / endless * ratio**2, n) * endless / left


@settings(max_examples=40, deadline=None)
@given(DRAWS, some.booleans(), some.sampled_from([0.9, 0.95]))
def test_binomial_intervals_over_strata_are_those_of_korn_and_graubard(
    strata: list[list[tuple[int, int]]], is_corpus: bool, confidence: float
) -> None:
    carries, weights, of, there = drawn(strata)
    sizes = there if is_corpus else None
    expected = slowly(strata, sizes, confidence)
    for interval in BINOMIAL:
        how = (weights, None, of, sizes, confidence, None, interval)
        found = survey_proportion(carries, *how)
        assert found.share is not None
        assert found.interval is not None
        assert found.interval[0] - 1e-12 <= found.share <= found.interval[1] + 1e-12
        if expected is not None:
            p, n = expected
            assert found.interval == pytest.approx(interval(p * n, n, confidence), abs=1e-9)
    if expected is not None:
        p, n = expected
        tails = (1 - confidence) / 2, (1 + confidence) / 2
        exact = (
            stats.beta.ppf(tails[0], p * n, n - p * n + 1),
            stats.beta.ppf(tails[1], p * n + 1, n - p * n),
        )
        found = survey_proportion(
            carries, weights, None, of, sizes, confidence, None, clopper_pearson_interval
        )
        assert found.interval == pytest.approx(exact, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 5), some.integers(1, 5)), min_size=2, max_size=9))
def test_without_strata_and_weights_they_are_those_of_clusters(pairs: list[tuple[int, int]]) -> None:
    counts, sizes = [min(pair) for pair in pairs], [pair[1] for pair in pairs]
    carries, clusters = posts(counts, sizes)
    for interval in BINOMIAL:
        expected = clustered_interval(counts, sizes, interval, "so")
        found = survey_proportion(carries, clusters=clusters, interval=interval)
        assert found.interval == pytest.approx(expected.interval)


def test_strata_leave_less_to_chance_but_no_less_than_so_many_posts_drawn_at_random() -> None:
    """90 % in one half and 10 % in the other; and one found in a small stratum, none in a large one."""
    strata = [0] * 50 + [1] * 50
    carries, weights = [1] * 45 + [0] * 5 + [1] * 5 + [0] * 45, [1.0] * 50 + [9.0] * 50
    exact = clopper_pearson_interval
    wide = survey_proportion(carries, weights, interval=exact).interval
    narrow = survey_proportion(carries, weights, strata=strata, interval=exact).interval
    assert wide is not None
    assert narrow is not None
    assert narrow[1] - narrow[0] < 0.97 * (wide[1] - wide[0])
    rare = survey_proportion([1] + [0] * 99, weights, strata=strata, interval=exact)
    assert rare.share == pytest.approx(0.002)
    assert rare.interval == pytest.approx(exact(0.2, 100), abs=1e-9)


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

"""Two groups compared: printed values, limits, and clusters against a slow reference."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import contingency, t

from server.estimation import compared, compared_by_clusters, wilson_interval

CLUSTERS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)),
    min_size=2,
    max_size=10,
)


def test_the_physicians_of_agresti() -> None:
    """Agresti (2013), Categorical Data Analysis, section 3.1: heart attacks with placebo and aspirin."""
    found = compared((189, 104), (11034, 11037))
    assert found.odds_ratio.estimate == pytest.approx(1.832, abs=5e-4)
    assert found.odds_ratio.interval == pytest.approx((1.44, 2.33), abs=5e-3)
    assert found.risk_ratio.estimate == pytest.approx(1.818, abs=5e-4)
    assert found.risk_ratio.interval == pytest.approx((1.43, 2.31), abs=5e-3)
    assert found.risk_difference.estimate == pytest.approx(0.0077, abs=5e-5)


@pytest.mark.parametrize(
    ("carrying", "posts", "interval"),
    [
        ((56, 48), (70, 80), (0.0524, 0.3339)),
        ((9, 3), (10, 10), (0.1705, 0.8090)),
        ((10, 0), (10, 20), (0.6791, 1.0)),
        ((10, 0), (10, 10), (0.6075, 1.0)),
    ],
)
def test_the_differences_of_newcombe(
    carrying: tuple[int, int], posts: tuple[int, int], interval: tuple[float, float]
) -> None:
    """Newcombe (1998), table II, method 10."""
    assert compared(carrying, posts).risk_difference.interval == pytest.approx(interval, abs=6e-5)


@settings(max_examples=30)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30))
def test_ratios_are_those_of_scipy(a: int, b: int, c: int, d: int) -> None:
    found = compared((a, c), (a + b, c + d))
    risk = contingency.relative_risk(a, a + b, c, c + d)
    assert found.risk_ratio.estimate == pytest.approx(risk.relative_risk)
    assert found.risk_ratio.interval == pytest.approx(tuple(risk.confidence_interval(0.95)))
    odds = contingency.odds_ratio([[a, b], [c, d]], kind="sample")
    assert found.odds_ratio.estimate == pytest.approx(odds.statistic)
    assert found.odds_ratio.interval == pytest.approx(tuple(odds.confidence_interval(0.95)))


def test_the_other_way_round() -> None:
    one, other = compared((3, 9), (20, 15)), compared((9, 3), (15, 20))
    for name in ("risk_ratio", "odds_ratio"):
        first, second = getattr(one, name), getattr(other, name)
        assert first.estimate == pytest.approx(1 / second.estimate)
        assert first.interval == pytest.approx((1 / second.interval[1], 1 / second.interval[0]))
    low, high = one.risk_difference.interval or (0, 0)
    assert other.risk_difference.interval == pytest.approx((-high, -low))


def test_what_is_undefined_is_told() -> None:
    nobody = compared((0, 0), (0, 5))
    assert (nobody.risk_ratio.estimate, nobody.reason) == (None, "One of the groups has no post.")
    never = compared((2, 0), (5, 5))
    assert never.risk_ratio.estimate is None
    assert never.odds_ratio.estimate is None
    assert never.risk_difference.interval is not None
    assert never.reason
    assert compared((0, 2), (5, 5)).risk_ratio.estimate == 0
    assert compared((5, 5), (5, 5)).risk_ratio.estimate == 1
    with pytest.raises(ValueError, match="lie between 0"):
        compared((6, 0), (5, 5))


Row = tuple[int, int, int, int]


def slow_spread(rows: list[Row], scales: tuple[float, float]) -> float:
    """Half the width of an interval, post by post; a row is a cluster: yes and no of each group."""
    rows = [row for row in rows if sum(row)]
    total = 0.0
    for row in rows:
        z = 0.0
        for group, sign in ((0, 1), (1, -1)):
            n = sum(each[2 * group] + each[2 * group + 1] for each in rows)
            share = sum(each[2 * group] for each in rows) / n
            posts = [1] * row[2 * group] + [0] * row[2 * group + 1]
            z += sign * sum((post - share) / n / scales[group] for post in posts)
        total += z**2
    fewest = min(sum(row[0] + row[1] > 0 for row in rows), sum(row[2] + row[3] > 0 for row in rows))
    return float(t.ppf(0.975, fewest - 1)) * math.sqrt(len(rows) / (len(rows) - 1) * total)


def is_flat(yes: NDArray[np.float64], posts: NDArray[np.float64]) -> bool:
    return bool(np.allclose(yes * posts.sum(), posts * yes.sum()))


@settings(max_examples=30, deadline=None)
@given(CLUSTERS)
def test_clusters_against_post_by_post(rows: list[Row]) -> None:
    y1, no1, y2, no2 = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    n1, n2 = y1 + no1, y2 + no2
    found = compared_by_clusters((y1, y2), (n1, n2))
    if is_flat(y1, n1) or is_flat(y2, n2):
        return
    p1, p2 = y1.sum() / n1.sum(), y2.sum() / n2.sum()
    wide = slow_spread(rows, (1, 1))
    if wide > 1e-9:
        limits = (max(-1, p1 - p2 - wide), min(1, p1 - p2 + wide))
        assert found.risk_difference.interval == pytest.approx(limits)
    wide = slow_spread(rows, (p1, p2))
    if wide > 1e-9:
        limits = (p1 / p2 * math.exp(-wide), p1 / p2 * math.exp(wide))
        assert found.risk_ratio.interval == pytest.approx(limits)
    wide = slow_spread(rows, (p1 * (1 - p1), p2 * (1 - p2)))
    if wide > 1e-9:
        odds = p1 * (1 - p2) / (p2 * (1 - p1))
        assert found.odds_ratio.interval == pytest.approx((odds * math.exp(-wide), odds * math.exp(wide)))


def beside(yes: list[float], posts: list[float]) -> tuple[tuple[NDArray[np.float64], ...], ...]:
    """A group of these clusters after one of a hundred, of 4 posts each, of which 0 to 2 carry the code."""
    carrying, all_ = np.arange(100) % 3.0, np.full(100, 4.0)
    nothing = np.zeros(100)
    first = np.concatenate([carrying, np.zeros(len(yes))]), np.concatenate([nothing, yes])
    second = np.concatenate([all_, np.zeros(len(yes))]), np.concatenate([nothing, posts])
    return first, second


def test_a_group_of_one_cluster_has_no_interval() -> None:
    (y1, y2), (n1, n2) = beside([3], [5])
    found = compared_by_clusters((y2, y1), (n2, n1))
    assert found.risk_difference.estimate == pytest.approx(0.6 - 99 / 400)
    intervals = (found.risk_ratio.interval, found.risk_difference.interval, found.odds_ratio.interval)
    assert intervals == (None, None, None)
    assert "one group are of one cluster" in str(found.reason)


@pytest.mark.parametrize(("yes", "posts"), [([2, 4], [4, 8]), ([0, 0, 0], [1, 2, 3]), ([2, 2], [2, 2])])
def test_clusters_that_are_alike_are_no_proof(yes: list[float], posts: list[float]) -> None:
    """Their limits are Wilson's at (Σn)²/Σn² posts, and combine with p ± t √v of the other group."""
    (y1, y2), (n1, n2) = beside(yes, posts)
    found = compared_by_clusters((y1, y2), (n1, n2))
    p1, p2 = y1.sum() / n1.sum(), y2.sum() / n2.sum()
    size = n2.sum() ** 2 / np.square(n2).sum()
    low, high = wilson_interval(p2 * size, size)
    clusters = len(y1)
    error = math.sqrt(clusters / (clusters - 1) * np.square(y1 - p1 * n1).sum()) / n1.sum()
    wide = float(t.ppf(0.975, len(yes) - 1)) * error
    limits = (p1 - p2 - math.hypot(wide, high - p2), p1 - p2 + math.hypot(wide, p2 - low))
    assert found.risk_difference.interval == pytest.approx((max(-1, limits[0]), min(1, limits[1])))
    assert (found.risk_ratio.interval, found.odds_ratio.interval) == (None, None)
    assert "all have the same share" in str(found.reason)
    assert "Newcombe" in found.method


def test_clusters_that_are_alike_in_both_groups() -> None:
    yes, posts = np.array([1.0, 1, 0, 0]), np.array([1.0, 1, 0, 0])
    found = compared_by_clusters((yes, np.zeros(4)), (posts, 1 - posts))
    assert found.risk_difference.interval == compared((2, 0), (2, 2)).risk_difference.interval


def test_clusters_that_differ_alike_in_both_groups() -> None:
    """The difference is the same in each cluster."""
    yes = np.array([1.0, 2, 3])
    found = compared_by_clusters((yes, yes), (np.full(3, 4.0), np.full(3, 4.0)))
    assert (found.risk_difference.interval, found.risk_ratio.interval) == (None, None)
    assert "in the same way in both groups" in str(found.reason)


@pytest.mark.parametrize(("authors", "posts"), [(2, 3), (3, 3), (5, 3)])
def test_small_groups_are_covered(authors: int, posts: int) -> None:
    """Shares of authors that vary by a beta distribution with a correlation of .3, and no difference."""
    random, held = np.random.default_rng(5), 0
    n = np.array([4.0] * 100 + [float(posts)] * authors)
    is_first = np.arange(n.size) < 100
    for _ in range(60):
        yes = random.binomial(n.astype(int), random.beta(0.6, 1.7, n.size)).astype(float)
        groups = (yes * is_first, yes * ~is_first), (n * is_first, n * ~is_first)
        low, high = compared_by_clusters(*groups).risk_difference.interval or (9, 9)
        held += low <= 0 <= high
    assert held >= 54


def test_one_cluster_shows_nothing() -> None:
    found = compared_by_clusters((np.array([1.0]), np.array([1.0])), (np.array([2.0]), np.array([4.0])))
    assert (found.risk_ratio.estimate, found.risk_ratio.interval) == (2, None)
    assert found.reason == "All posts are of one cluster, so nothing shows how clusters differ."

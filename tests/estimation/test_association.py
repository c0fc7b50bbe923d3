"""Tests of groups: printed values, scipy, and clusters against a slow reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, f, false_discovery_control

from server.estimation import adjusted, independence, independence_by_clusters

GROUPS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=6).filter(
    lambda groups: (
        sum(yes + no > 0 for yes, no in groups) > 1
        and sum(yes for yes, _no in groups) > 0
        and sum(no for _yes, no in groups) > 0
    )
)


def test_the_tea_of_fisher() -> None:
    """Fisher (1935), The Design of Experiments: three of four cups told right; p = 34/70, both sides."""
    found = independence([3, 1], [4, 4])
    assert found.p_value == pytest.approx(34 / 70)
    assert (found.method, found.because) == (
        "Fisher's exact test",
        "because an expected count is below 5",
    )


def test_the_fifteen_of_benjamini_and_hochberg() -> None:
    """Their example (1995), section 3.2: at .05 the four smallest are rejected, Bonferroni's three."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262]
    p += [0.5719, 0.6528, 0.7590, 1.0]
    found = adjusted(p)
    assert sum(value is not None and value <= 0.05 for value in found) == 4
    assert found == pytest.approx(false_discovery_control(p))


@settings(max_examples=30)
@given(st.lists(st.none() | st.floats(0, 1), max_size=12))
def test_adjusting_leaves_out_what_is_not_there(p: list[float | None]) -> None:
    found = adjusted(p)
    known = [value for value in p if value is not None]
    assert [value is None for value in found] == [value is None for value in p]
    if known:
        wanted = false_discovery_control(known)
        assert [value for value in found if value is not None] == pytest.approx(wanted)


def test_adjusting_takes_shares_only() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjusted([1.5])


@settings(max_examples=30, deadline=None)
@given(GROUPS)
def test_the_statistic_is_that_of_scipy(groups: list[tuple[int, int]]) -> None:
    filled = [group for group in groups if sum(group)]
    found = independence([yes for yes, _no in groups], [yes + no for yes, no in groups])
    wanted = chi2_contingency(filled, correction=False)
    if found.method == "Fisher's exact test":
        assert len(filled) == 2
        assert found.statistic is None
    else:
        assert found.statistic == pytest.approx(wanted.statistic)
        assert list(found.degrees) == [wanted.dof]
        assert (found.seed is not None) == (np.min(wanted.expected_freq) < 5)
        assert found.seed is not None or found.p_value == pytest.approx(wanted.pvalue)


def test_random_tables_come_near_the_exact_test() -> None:
    """Three groups of three: of all 84 ways to choose three posts, these are as uneven in 1 + 1 + 1."""
    found = independence([3, 0, 0], [3, 3, 3])
    assert found.p_value == pytest.approx(3 / 84, abs=0.006)
    assert found.seed == 1
    assert independence([3, 0, 0], [3, 3, 3]) == found


def test_nothing_to_test() -> None:
    for found in (
        independence([0, 0], [4, 4]),
        independence([1, 0], [4, 0]),
        independence_by_clusters([[1, 1]], [[1, 1]]),
    ):
        assert found.p_value is None
        assert found.reason
    assert independence_by_clusters([[1.0], [0.0]], [[2.0], [2.0]]).p_value is None, "one cluster"
    lonely = independence_by_clusters([[1, 0, 2, 0], [0, 0, 0, 3]], [[2, 2, 2, 0], [0, 0, 0, 3]])
    assert (lonely.p_value, lonely.reason) == (
        None, "There is no test unless two groups have posts of more than one cluster."
    )  # fmt: skip
    with pytest.raises(ValueError, match="one shape"):
        independence_by_clusters([[2]], [[1]])


def slow_rao_scott(yes: NDArray[np.float64], posts: NDArray[np.float64]) -> tuple[float, float, float]:
    """As R's survey::svychisq writes it, with a covariance matrix of all cells: F and its degrees.

    But for two groups, which have the degrees of the smaller one.
    """
    n_groups, n_clusters = yes.shape
    cells = np.array(
        [[posts[g, c] - yes[g, c], yes[g, c]] for c in range(n_clusters) for g in range(n_groups)]
    )
    totals = cells.reshape(n_clusters, 2 * n_groups)
    n = totals.sum()
    mean = totals.sum(axis=0) / n
    covariance = np.zeros((mean.size, mean.size))
    for row in totals:
        u = (row - row.sum() * mean) / n
        covariance += n_clusters / (n_clusters - 1) * np.outer(u, u)
    group, answer = np.repeat(np.arange(n_groups), 2), np.tile([0, 1], n_groups)
    margins = [np.ones(mean.size), answer == 1, *(group == g for g in range(1, n_groups))]
    both = [(group == g) & (answer == 1) for g in range(1, n_groups)]
    x1, x12 = np.array(margins, dtype=float).T, np.array(both, dtype=float).T
    contrasts = x12 - x1 @ np.linalg.pinv(x1) @ x12
    inverse = np.diag(1 / mean)
    simple = (np.diag(mean) - np.outer(mean, mean)) / n
    denominator = contrasts.T @ inverse @ simple @ inverse @ contrasts
    delta = np.linalg.inv(denominator) @ contrasts.T @ inverse @ covariance @ inverse @ contrasts
    d = np.trace(delta) ** 2 / np.trace(delta @ delta)
    table = np.stack([(posts - yes).sum(axis=1), yes.sum(axis=1)], axis=1)
    pearson = chi2_contingency(table, correction=False).statistic
    free = n_clusters if n_groups > 2 else int((posts > 0).sum(axis=1).min())
    return pearson / np.trace(delta), d, d * (free - 1)


@pytest.mark.parametrize("n_groups", [2, 3, 5])
def test_clusters_against_a_slow_reference(n_groups: int) -> None:
    random = np.random.default_rng(n_groups)
    posts = random.integers(0, 6, (n_groups, 25)).astype(float)
    posts[:, 0] = 3
    yes = random.binomial(posts.astype(int), random.beta(1, 2, 25)).astype(float)
    found = independence_by_clusters(yes, posts)
    statistic, *degrees = slow_rao_scott(yes, posts)
    assert found.statistic == pytest.approx(statistic)
    assert found.degrees == pytest.approx(tuple(degrees))
    assert found.p_value == pytest.approx(f.sf(statistic, *degrees))
    assert found.because == "because posts come in clusters"


def test_posts_that_are_clusters_of_their_own() -> None:
    """Then Δ is n/(n - 1), and F is Pearson's statistic by its degrees but for that."""
    groups = np.repeat([0, 1, 2], 40)
    carries = np.array([1] * 20 + [0] * 20 + [1] * 10 + [0] * 30 + [1] * 12 + [0] * 28)
    posts = np.array([groups == group for group in range(3)], dtype=float)
    found = independence_by_clusters(posts * carries, posts)
    single = independence([20, 10, 12], [40, 40, 40])
    assert single.statistic is not None
    assert found.statistic == pytest.approx(single.statistic / 2 * 119 / 120)
    assert found.degrees == pytest.approx((2, 2 * 119))
    twice = independence_by_clusters(np.hstack([posts * carries] * 2), np.hstack([posts] * 2))
    assert twice.p_value is not None
    assert found.p_value is not None
    assert twice.p_value < found.p_value


def test_a_test_is_no_surer_than_of_independent_posts() -> None:
    """The six of the second group each write one post that carries it, and one that does not."""
    random = np.random.default_rng(3)
    first, second = random.binomial(4, 0.2, 80).astype(float), np.full(6, 1.0)
    yes = np.array([[*first, *np.zeros(6)], [*np.zeros(80), *second]])
    posts = np.array([[*np.full(80, 4.0), *np.zeros(6)], [*np.zeros(80), *np.full(6, 2.0)]])
    found = independence_by_clusters(yes, posts)
    table = np.stack([(posts - yes).sum(axis=1), yes.sum(axis=1)], axis=1)
    assert found.statistic == pytest.approx(chi2_contingency(table, correction=False).statistic)
    assert found.degrees == pytest.approx((1, 5))
    assert "no surer than of as many independent posts" in found.because

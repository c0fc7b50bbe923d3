"""Simultaneous intervals against published values, an exact convolution and simulated coverage."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from server.estimation import SimultaneousIntervals, goodman_intervals, sison_glaz_intervals
from server.estimation.sison_glaz import coverage, half_width

# Goodman (1965), Technometrics 7:247-254, as quoted with SAS output in issue 113 of DescTools.
GOODMAN_1965 = [91, 49, 37, 43]
# Sison & Glaz (1995), JASA 90:366-369, example 1; limits of R's MultinomialCI.
SISON_GLAZ_1995 = [56, 72, 73, 59, 62, 87, 58]
Method = Callable[[Sequence[int], float], SimultaneousIntervals]
METHODS = [goodman_intervals, sison_glaz_intervals]
some_counts = some.lists(some.integers(0, 60), min_size=2, max_size=8)


def test_published_goodman() -> None:
    found = goodman_intervals(GOODMAN_1965)
    expected = [(0.334, 0.498), (0.161, 0.3), (0.115, 0.24), (0.137, 0.27)]
    assert found.intervals is not None
    for limits, printed in zip(found.intervals, expected, strict=True):
        assert limits == pytest.approx(printed, abs=6e-4)


def test_published_sison_glaz() -> None:
    found = sison_glaz_intervals(SISON_GLAZ_1995)
    expected = [
        (0.07922912, 0.1643361),
        (0.11349036, 0.1985973),
        (0.11563169, 0.2007386),
        (0.0856531, 0.1707601),
        (0.09207709, 0.177184),
        (0.14561028, 0.2307172),
        (0.08351178, 0.1686187),
    ]
    assert found.intervals is not None
    assert found.reason is None
    for limits, printed in zip(found.intervals, expected, strict=True):
        assert limits == pytest.approx(printed, abs=1e-4)


def test_goodmans_limits_solve_his_equation() -> None:
    found = goodman_intervals(GOODMAN_1965, 0.9)
    quantile = stats.chi2.ppf(1 - 0.1 / 4, 1)
    assert found.intervals is not None
    for count, limits in zip(GOODMAN_1965, found.intervals, strict=True):
        for limit in limits:
            assert (count / 220 - limit) ** 2 == pytest.approx(quantile * limit * (1 - limit) / 220)


def exact_coverage(counts: Sequence[int], c: int) -> float:
    """P(all counts within c of n_i) of a multinomial, by convolution of Poisson variables."""
    total, values = sum(counts), np.arange(sum(counts) + 1)
    together = np.ones(1)
    for count in counts:
        near = np.where(np.abs(values - count) <= c, stats.poisson.pmf(values, count), 0)
        together = np.convolve(together, near)[: total + 1]
    return float(together[total] / stats.poisson.pmf(total, total))


@pytest.mark.parametrize("c", [10, 15, 19, 25])
def test_the_approximation_is_near_the_exact_probability(c: int) -> None:
    assert coverage(np.array(SISON_GLAZ_1995), c) == pytest.approx(
        exact_coverage(SISON_GLAZ_1995, c), abs=5e-4
    )


@settings(max_examples=40)
@given(some.lists(some.integers(3, 40), min_size=3, max_size=8), some.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_halving_finds_what_counting_up_finds(counts: list[int], confidence: float) -> None:
    n = np.array(counts)
    reached = next(c for c in range(1, sum(counts) + 1) if coverage(n, c) >= confidence)
    below, above = half_width(n, confidence)
    assert below == reached - 1
    assert below < above <= below + 2


@pytest.mark.parametrize("method", METHODS)
def test_all_intervals_hold_at_once_as_often_as_they_say(method: Method) -> None:
    true = np.array([0.27, 0.2, 0.15, 0.13, 0.1, 0.08, 0.07])
    draws = np.random.default_rng(3).multinomial(300, true, size=200)
    held = 0
    for draw in draws:
        limits = np.array(method(draw.tolist(), 0.9).intervals)
        held += bool(((limits[:, 0] <= true) & (true <= limits[:, 1])).all())
    assert 0.86 <= held / 200 <= 0.97


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40)
@given(counts=some_counts, seed=some.integers(0, 99))
def test_intervals_hold_their_share_and_go_with_their_code(
    method: Method, counts: list[int], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(counts))
    found, shuffled = method(counts, 0.95), method([counts[at] for at in order], 0.95)
    if found.intervals is None or shuffled.intervals is None:
        assert found.intervals is shuffled.intervals is None
        assert found.reason
        return
    assert found.shares is not None
    for share, (low, high) in zip(found.shares, found.intervals, strict=True):
        assert 0 <= low <= share <= high <= 1
    for place, at in enumerate(order):
        assert shuffled.intervals[place] == pytest.approx(found.intervals[at], abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_intervals_close_in_on_the_shares(method: Method) -> None:
    found = method([500_000, 300_000, 200_000], 0.95)
    assert found.intervals is not None
    assert max(high - low for low, high in found.intervals) < 0.003


@pytest.mark.parametrize("method", METHODS)
def test_no_post_has_no_share(method: Method) -> None:
    empty = method([0, 0, 0], 0.95)
    assert (empty.shares, empty.intervals, empty.reason) == (None, None, "There is no post to count.")


def test_what_the_intervals_are_not_fit_for_is_said() -> None:
    assert "seven codes" in (sison_glaz_intervals([5, 3, 9]).reason or "")
    certain = sison_glaz_intervals([9, 0])
    assert (certain.shares, certain.intervals) == ((1.0, 0.0), None)
    assert "no width" in (certain.reason or "")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("counts", [[5], [], [1, -1], [1.5, 2], [1, float("nan")], [[1, 2], [3, 4]]])
def test_what_is_no_distribution_is_refused(method: Method, counts: list[int]) -> None:
    with pytest.raises(ValueError, match=r"two codes|negative|whole number|finite|one list"):
        method(counts, 0.95)


@pytest.mark.parametrize("method", METHODS)
def test_a_confidence_that_cannot_be_is_refused(method: Method) -> None:
    with pytest.raises(ValueError, match="confidence"):
        method([1, 2], 1.0)

"""Clopper-Pearson and Jeffreys intervals against published values, the binomial tests and their coverage."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from server.estimation import Interval, clopper_pearson_interval, jeffreys_interval, wilson_interval

INTERVALS = [clopper_pearson_interval, jeffreys_interval]
Method = Callable[[float, float, float], Interval]


@pytest.mark.parametrize(
    ("successes", "n", "limits"),
    [
        # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 5.
        (81, 263, (0.2527, 0.3676)),
        (0, 20, (0.0, 0.1684)),
    ],
)
def test_published_exact_intervals(successes: int, n: int, limits: Interval) -> None:
    assert clopper_pearson_interval(successes, n) == pytest.approx(limits, abs=6e-5)


def test_published_jeffreys_interval() -> None:
    # R's binom.confint(18, 20), method "bayes" with equal tails.
    assert jeffreys_interval(18, 20) == pytest.approx((0.716146742695748, 0.97862751197755), abs=1e-8)


@given(some.integers(1, 59), some.floats(0.5, 0.999))
def test_at_the_exact_limits_each_one_sided_test_is_just_about_to_reject(x: int, confidence: float) -> None:
    low, high = clopper_pearson_interval(x, 60, confidence)
    tail = (1 - confidence) / 2
    assert stats.binom.sf(x - 1, 60, low) == pytest.approx(tail)
    assert stats.binom.cdf(x, 60, high) == pytest.approx(tail)


@pytest.mark.parametrize("share", [0.01, 0.13, 0.27, 0.5, 0.94])
def test_the_exact_interval_never_covers_less_than_it_says(share: float) -> None:
    limits = [clopper_pearson_interval(x, 40, 0.9) for x in range(41)]
    covered = sum(
        stats.binom.pmf(x, 40, share) for x, (low, high) in enumerate(limits) if low <= share <= high
    )
    assert covered >= 0.9


@pytest.mark.parametrize("method", INTERVALS)
@given(x=some.integers(0, 400), n=some.integers(1, 400), confidence=some.floats(0.01, 0.999))
def test_the_interval_holds_the_share_and_mirrors_its_complement(
    method: Method, x: int, n: int, confidence: float
) -> None:
    x = min(x, n)
    low, high = method(x, n, confidence)
    slack = 1e-9 if confidence > 0.5 else 0.05  # with no confidence to speak of, a quantile near the median
    assert 0 <= low <= x / n + slack
    assert x / n - slack <= high <= 1
    assert method(n - x, n, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize("method", INTERVALS)
def test_with_many_posts_all_intervals_are_one(method: Method) -> None:
    assert method(300_000, 1_000_000, 0.95) == pytest.approx(wilson_interval(300_000, 1_000_000), abs=2e-6)


@pytest.mark.parametrize("method", INTERVALS)
@pytest.mark.parametrize(
    ("successes", "n", "confidence"),
    [
        (1, 0, 0.95),
        (2, 1, 0.95),
        (-1, 5, 0.95),
        (1, 5, 0),
        (1, 5, 1),
        (1, math.inf, 0.95),
        (math.nan, 5, 0.9),
    ],
)
def test_what_is_no_proportion_is_refused(
    method: Method, successes: float, n: float, confidence: float
) -> None:
    with pytest.raises(ValueError, match=r"successes|confidence"):
        method(successes, n, confidence)

"""Wilson's interval against published and known values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.estimation import Proportion, proportion, wilson_interval


@pytest.mark.parametrize(
    ("successes", "n", "limits"),
    [
        # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
        (81, 263, (0.2553, 0.3662)),
        (0, 20, (0.0, 0.1611)),
    ],
)
def test_published_intervals(successes: int, n: int, limits: tuple[float, float]) -> None:
    assert wilson_interval(successes, n) == pytest.approx(limits, abs=6e-5)


def test_the_limits_solve_the_score_equation() -> None:
    z = 1.6448536269514722  # the 95 % quantile of the standard normal distribution
    for limit in wilson_interval(7, 40, confidence=0.9):
        assert abs(7 / 40 - limit) == pytest.approx(z * math.sqrt(limit * (1 - limit) / 40))


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share_and_mirrors_its_complement(successes: int, n: int) -> None:
    successes = min(successes, n)
    low, high = wilson_interval(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    assert wilson_interval(n - successes, n) == pytest.approx((1 - high, 1 - low))


@pytest.mark.parametrize(
    ("successes", "n", "confidence"),
    [(1, 0, 0.95), (2, 1, 0.95), (-1, 5, 0.95), (1, 5, 0), (1, 5, 1), (1, math.inf, 0.95)],
)
def test_what_is_no_proportion_is_refused(successes: int, n: float, confidence: float) -> None:
    with pytest.raises(ValueError, match=r"successes|confidence"):
        wilson_interval(successes, n, confidence)


def test_a_proportion_carries_what_it_rests_on() -> None:
    result = proportion(81, 263)
    assert (result.count, result.denominator, result.share, result.reason) == (81, 263, 81 / 263, None)
    assert result.interval == wilson_interval(81, 263)


def test_without_posts_the_share_is_undefined_in_words() -> None:
    assert proportion(0, 0) == Proportion(0, 0, None, None, "Wilson score", "There is no post to count.")

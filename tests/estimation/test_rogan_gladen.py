"""Corrected shares against epiR, a bootstrap of all three samples, and where nothing can be corrected."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.estimation import Accuracy, misclassification_corrected_proportions, rogan_gladen


def test_published() -> None:
    # epi.prev of R's epiR, first example (brucellosis): 5.1 (0 to 13) cases per 100 cows.
    found = rogan_gladen(23, 150, 0.96, 0.89)
    assert found.share == pytest.approx(0.051, abs=5e-4)
    assert found.interval == pytest.approx((0, 0.13), abs=5e-3)
    assert not found.is_truncated


def test_published_truncation_is_visible() -> None:
    # The second example (Helicobacter pylori, Clopper-Pearson): 0 (0 to 1.3) cases per 100.
    found = rogan_gladen(6, 151, 0.964, 0.927)
    assert found.interval == pytest.approx((0, 0.013), abs=5e-4)
    assert (found.share, found.is_truncated) == (0.0, True)
    assert found.raw == pytest.approx((6 / 151 + 0.927 - 1) / (0.964 + 0.927 - 1))


def test_the_error_is_that_of_a_bootstrap_of_all_three_samples() -> None:
    rng = np.random.default_rng(2)
    apparent, se, sp = (rng.binomial(n, p, 20_000) / n for n, p in ((800, 0.3), (200, 0.85), (250, 0.92)))
    drawn = (apparent + sp - 1) / (se + sp - 1)
    found = rogan_gladen(240, 800, Accuracy.of(170, 200), Accuracy.of(230, 250))
    assert found.standard_error == pytest.approx(float(drawn.std()), rel=0.03)
    assert found.interval == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.012)


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng, true = np.random.default_rng(4), 0.15
    covered = []
    for _ in range(400):
        count = rng.binomial(200, true * 0.8 + (1 - true) * 0.1)
        rates = Accuracy.of(rng.binomial(60, 0.8), 60), Accuracy.of(rng.binomial(60, 0.9), 60)
        interval = rogan_gladen(count, 200, *rates, confidence=0.9).interval
        covered.append(interval is not None and interval[0] <= true <= interval[1])
    # Lang & Reiczigel aim above the level rather than below.
    assert 0.88 <= np.mean(covered) <= 0.98


@given(some.integers(0, 80), some.floats(0.55, 1), some.floats(0.55, 1))
def test_known_rates(count: int, sensitivity: float, specificity: float) -> None:
    found = rogan_gladen(count, 80, sensitivity, specificity)
    assert found.raw is not None
    assert found.share is not None
    assert found.raw * sensitivity + (1 - found.raw) * (1 - specificity) == pytest.approx(count / 80)
    assert 0 <= found.share <= 1
    assert found.is_truncated == (not 0 <= found.raw <= 1)
    if found.interval is None:
        assert "No share from 0 to 1" in (found.reason or "")
    else:
        assert 0 <= found.interval[0] <= found.share + 1e-9
        assert found.share - 1e-9 <= found.interval[1] <= 1
    mirrored = rogan_gladen(80 - count, 80, specificity, sensitivity)
    assert mirrored.raw == pytest.approx(1 - found.raw)


@given(some.integers(0, 80), some.integers(12, 20), some.integers(15, 25))
def test_estimated_rates(count: int, right: int, left: int) -> None:
    found = rogan_gladen(count, 80, Accuracy.of(right, 20), Accuracy.of(left, 25))
    if found.interval is not None:
        assert 0 <= found.interval[0] < found.interval[1] <= 1
    else:
        assert found.reason


def test_a_large_validation_sample_is_as_good_as_knowing() -> None:
    known = rogan_gladen(3000, 10_000, 0.9, 0.95)
    checked = rogan_gladen(3000, 10_000, Accuracy(0.9, 10**9), Accuracy(0.95, 10**9))
    assert checked.standard_error == pytest.approx(known.standard_error)
    assert checked.interval == pytest.approx(known.interval, abs=3e-4)
    half = rogan_gladen(3000, 10_000, 0.9, Accuracy.of(95, 100))
    assert half.standard_error is not None
    assert half.standard_error > 2 * (known.standard_error or 1)


def test_with_two_codes_the_matrix_method_is_the_same() -> None:
    found = rogan_gladen(30, 100, Accuracy.of(40, 50), Accuracy.of(54, 60))
    matrix = misclassification_corrected_proportions([0.3, 0.7], [[0.8, 0.1], [0.2, 0.9]], 100, [50, 60])
    assert matrix.raw is not None
    assert matrix.standard_errors is not None
    assert matrix.raw[0] == pytest.approx(found.raw)
    assert matrix.standard_errors[0] == pytest.approx(found.standard_error)


def test_without_any_error_nothing_is_corrected() -> None:
    assert rogan_gladen(7, 20, 1.0, 1.0).raw == pytest.approx(0.35)


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.5, 0.5), (0.3, 0.6), (0.0, 1.0)])
def test_coding_no_better_than_guessing_says_nothing(sensitivity: float, specificity: float) -> None:
    found = rogan_gladen(3, 10, sensitivity, specificity)
    assert (found.apparent, found.raw, found.share, found.interval) == (0.3, None, None, None)
    assert "by guessing" in (found.reason or "")
    assert not found.is_truncated


def test_what_gives_no_interval_is_said() -> None:
    assert "No share from 0 to 1" in (rogan_gladen(0, 1000, 0.9, 0.9).reason or "")
    assert "Too few" in (rogan_gladen(3, 10, Accuracy.of(1, 1), Accuracy.of(50, 1000)).reason or "")
    assert rogan_gladen(0, 0, 0.9, 0.9).reason == "There is no post to count."
    assert rogan_gladen(0, 9, 1.0, 1.0).standard_error is None


def test_what_cannot_be_is_refused() -> None:
    for count, n, rate, confidence in (
        (3, 2, 0.9, 0.95),
        (-1, 2, 0.9, 0.95),
        (1, 2, 1.1, 0.95),
        (1, 2, 0.9, 1),
    ):
        with pytest.raises(ValueError, match=r"between 0 and"):
            rogan_gladen(count, n, rate, 0.9, confidence)
    for right, checked in ((1, 0), (3, 2), (-1, 2)):
        with pytest.raises(ValueError, match="coded right"):
            Accuracy.of(right, checked)
    with pytest.raises(ValueError, match="at least one post"):
        Accuracy(0.9, 0)

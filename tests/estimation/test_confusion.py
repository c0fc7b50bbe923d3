"""Shares of several codes corrected by a confusion matrix."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import optimize

from server.estimation import misclassification_corrected_proportions
from server.estimation.confusion import nearest_distribution

MATRIX = [[0.9, 0.05, 0.1], [0.06, 0.85, 0.1], [0.04, 0.1, 0.8]]
CODED = [0.485, 0.305, 0.21]


def test_a_constructed_case() -> None:
    found = misclassification_corrected_proportions(CODED, MATRIX)
    assert found.raw == pytest.approx((0.5, 0.3, 0.2), abs=1e-9)
    assert found.shares == pytest.approx((0.5, 0.3, 0.2), abs=1e-9)
    assert (found.standard_errors, found.intervals, found.is_truncated) == (None, None, False)
    assert "number of coded posts" in (found.reason or "")


def test_the_errors_are_those_of_a_bootstrap_of_all_samples() -> None:
    rng, checked = np.random.default_rng(8), [120, 90, 80]
    found = misclassification_corrected_proportions(CODED, MATRIX, 600, checked)
    drawn = []
    for _ in range(4000):
        columns = zip(np.array(MATRIX).T, checked, strict=True)
        matrix = np.column_stack([rng.multinomial(n, column) / n for column, n in columns])
        drawn.append(np.linalg.solve(matrix, rng.multinomial(600, CODED) / 600))
    assert found.standard_errors == pytest.approx(tuple(np.std(drawn, axis=0)), rel=0.05)
    assert found.intervals is not None
    for limits, each in zip(found.intervals, np.transpose(drawn), strict=True):
        assert limits == pytest.approx(tuple(np.quantile(each, [0.025, 0.975])), abs=0.015)


weights = some.lists(some.integers(1, 50), min_size=3, max_size=3)


@given(weights, weights, weights, weights, some.permutations(range(3)))
def test_it_undoes_the_errors_whatever_the_order_of_codes(
    shares: list[int], first: list[int], second: list[int], third: list[int], order: list[int]
) -> None:
    true = np.array(shares) / sum(shares)
    columns = [np.array(column) + 60.0 * np.eye(3)[at] for at, column in enumerate((first, second, third))]
    matrix = np.column_stack([column / column.sum() for column in columns])
    found = misclassification_corrected_proportions((matrix @ true).tolist(), matrix.tolist(), 100)
    assert found.raw == pytest.approx(tuple(true), abs=1e-6)
    turned = misclassification_corrected_proportions(
        (matrix @ true)[order].tolist(), matrix[np.ix_(order, order)].tolist(), 100
    )
    assert turned.raw == pytest.approx(tuple(true[order]), abs=1e-6)
    assert found.intervals is not None
    for share, limits in zip(true, found.intervals, strict=True):
        assert limits is not None
        assert 0 <= limits[0] <= share + 1e-6
        assert share - 1e-6 <= limits[1] <= 1


def test_truncation_is_visible() -> None:
    found = misclassification_corrected_proportions([0.97, 0.02, 0.01], MATRIX, 1000)
    assert found.is_truncated
    assert found.raw is not None
    assert found.shares is not None
    assert found.raw[2] < 0
    assert sum(found.raw) == pytest.approx(1)
    assert min(found.shares) == 0.0
    assert sum(found.shares) == pytest.approx(1)
    assert found.intervals is not None
    assert None in found.intervals
    assert "outside of 0 to 1" in (found.reason or "")


def test_intervals_hold_the_shares_that_are_shown() -> None:
    found = misclassification_corrected_proportions([0.02, 0.58, 0.4], MATRIX, 9000)
    assert found.is_truncated
    assert found.intervals is not None
    assert found.intervals[0] is None
    for share, limits in zip(found.shares or (), found.intervals, strict=True):
        assert limits is None or limits[0] <= share <= limits[1]


@pytest.mark.parametrize(("shares", "checked"), [((0.3, 0.7), (10, 10)), ((0.6, 0.35, 0.05), (10, 10, 10))])
def test_few_checks_are_covered(shares: tuple[float, ...], checked: tuple[int, ...]) -> None:
    """Codings of which nine in ten are right; draws in which all checks are right are among them."""
    rng, codes, held, drawn = np.random.default_rng(4), len(shares), np.zeros(len(shares)), 120
    matrix = np.where(np.eye(codes) > 0, 0.9, 0.1 / (codes - 1))
    for _ in range(drawn):
        seen = np.column_stack([rng.multinomial(n, matrix[:, at]) / n for at, n in enumerate(checked)])
        coded = rng.multinomial(1000, matrix @ shares) / 1000
        found = misclassification_corrected_proportions(coded.tolist(), seen.tolist(), 1000, checked)
        limits = found.intervals or [None] * codes
        held += [
            each is None or each[0] <= share <= each[1] for share, each in zip(shares, limits, strict=True)
        ]
    assert (held / drawn >= 0.93).all()


def test_checks_without_an_error_are_no_proof() -> None:
    """Ten right answers of ten about each: as 11 of 12 with Lang and Reiczigel."""
    found = misclassification_corrected_proportions([0.3, 0.7], [[1, 0], [0, 1]], 1000, [10, 10])
    error = math.sqrt(0.21 / 1000 + (0.3**2 + 0.7**2) * (11 / 12 * 1 / 12) / 12)
    assert found.shares == pytest.approx((0.3, 0.7))
    assert found.intervals is not None
    assert found.intervals[0] == pytest.approx((0.3 - 1.959964 * error, 0.3 + 1.959964 * error))
    assert found.standard_errors == pytest.approx([math.sqrt(0.21 / 1000)] * 2)


@given(some.lists(some.floats(-2, 2), min_size=2, max_size=5))
def test_the_nearest_distribution_is_found(values: list[float]) -> None:
    found = nearest_distribution(values)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
    # The threshold by which values above it exceed 1 in all, by bisection.
    v = np.array(values)
    threshold = optimize.brentq(lambda t: np.maximum(v - t, 0).sum() - 1, v.min() - 1, v.max())
    assert found == pytest.approx(np.maximum(v - threshold, 0), abs=1e-9)


def test_codes_that_are_coded_alike_cannot_be_told_apart() -> None:
    found = misclassification_corrected_proportions([0.5, 0.5], [[0.4, 0.4], [0.6, 0.6]], 50)
    assert (found.raw, found.shares, found.intervals, found.is_truncated) == (None, None, None, False)
    assert "cannot be told apart" in (found.reason or "")


def test_nothing_that_varied_has_no_interval() -> None:
    found = misclassification_corrected_proportions([1, 0], [[1, 0], [0, 1]], 50)
    assert found.intervals == (None, None)
    assert "nothing varied" in (found.reason or "")


@pytest.mark.parametrize(
    ("observed", "matrix", "n", "checked", "words"),
    [
        ([0.5, 0.6], [[1, 0], [0, 1]], None, None, "sum to 1"),
        ([1.0], [[1]], None, None, "two codes"),
        ([0.5, 0.5], [[1, 0.5], [0.5, 0.5]], None, None, "column of the confusion matrix"),
        ([0.5, 0.5], [[1, 0], [0]], None, None, "rows of the same length"),
        ([0.2, 0.3, 0.5], [[1, 0], [0, 1]], None, None, "for each code"),
        ([0.5, 0.5], [[1, 0], [0, 1]], 0, None, "at least one post"),
        ([0.5, 0.5], [[1, 0], [0, 1]], 5, [0, 4], "at least one checked"),
        ([0.5, math.nan], [[1, 0], [0, 1]], 5, None, "finite"),
    ],
)
def test_what_cannot_be_is_refused(
    observed: list[float], matrix: list[list[float]], n: int | None, checked: list[int] | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        misclassification_corrected_proportions(observed, matrix, n, checked)

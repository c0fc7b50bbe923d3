"""How much two categories that differ still agree: from 1 for the same to 0 for the farthest.

Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition, chapter 3, for kappa-like coefficients.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import FloatArray, IntArray, real_numbers

WeightsName: TypeAlias = Literal["identity", "linear", "quadratic", "ordinal", "ratio", "radical", "bipolar"]
WEIGHTS: tuple[WeightsName, ...] = get_args(WeightsName)


def agreement_weights(
    name: WeightsName, n_categories: int, values: Sequence[float | None] | None = None
) -> FloatArray:
    """The weights of this name (n_categories × n_categories), symmetric, with 1 on the diagonal.

    With x the values of the categories, x_max and x_min the largest and the smallest:
    identity 1 if the same, else 0; linear 1 - |x - y| / (x_max - x_min); quadratic with the square of that
    fraction, radical with its root; ratio 1 - ((x - y) / (x + y))² over its largest; bipolar
    1 - (x - y)² / ((x + y - 2 x_min)(2 x_max - x - y)), 0 where that has no value; ordinal, by the ranks
    alone, 1 - C(|k - l| + 1, 2) / C(q, 2).

    Raises:
        ValueError: The name is unknown, or a value is missing, not finite, or negative under `ratio`.
    """
    if name not in WEIGHTS:
        raise ValueError(f"{name} is no name of weights: use {', '.join(WEIGHTS)}, or give a matrix.")
    if name == "identity" or n_categories == 1:
        return np.eye(n_categories)
    if name == "ordinal":
        order = np.arange(n_categories) if values is None else _order(_numbers(name, values, n_categories))
        return _ordinal(order)
    return _OF_VALUES[name](_numbers(name, values, n_categories))


def own_weights(matrix: ArrayLike, n_categories: int) -> FloatArray:
    """A matrix of one's own as weights.

    Raises:
        ValueError: It is not square and symmetric, with 1 on the diagonal and all else from 0 to 1.
    """
    weights = _square(matrix, n_categories, "weights")
    if not np.array_equal(np.diag(weights), np.ones(n_categories)):
        raise ValueError("A category agrees fully with itself: the diagonal of the weights must be 1.")
    if weights.min() < 0 or weights.max() > 1:
        raise ValueError("Weights lie between 0 and 1.")
    return weights


def own_distances(matrix: ArrayLike, n_categories: int) -> FloatArray:
    """A matrix of one's own as distances δ² of categories, for alpha.

    Raises:
        ValueError: It is not square and symmetric, with 0 on the diagonal and nothing negative.
    """
    distances = _square(matrix, n_categories, "distances")
    if np.diag(distances).any():
        raise ValueError("A category is not apart from itself: the diagonal of the distances must be 0.")
    if distances.min() < 0:
        raise ValueError("Distances are not negative.")
    return distances


def _square(matrix: ArrayLike, n_categories: int, what: str) -> FloatArray:
    given = real_numbers(matrix, f"The {what}")
    if given.shape != (n_categories, n_categories):
        raise ValueError(f"The matrix of {what} must be {n_categories} by {n_categories}, as the categories.")
    if not np.isfinite(given).all():
        raise ValueError(f"The matrix of {what} must hold finite numbers only.")
    if not np.array_equal(given, given.T):
        raise ValueError(f"The matrix of {what} must be symmetric.")
    return given


def _numbers(name: str, values: Sequence[float | None] | None, n_categories: int) -> FloatArray:
    given = list(range(1, n_categories + 1)) if values is None else list(values)
    if len(given) != n_categories:
        raise ValueError(f"There are {n_categories} categories and {len(given)} values.")
    if any(value is None for value in given):
        raise ValueError(f"Every category needs a numeric value for {name} weights.")
    numbers = real_numbers(given, f"The values of the categories under {name} weights")
    if not np.isfinite(numbers).all():
        raise ValueError(f"The values of the categories must be finite numbers for {name} weights.")
    if name == "ratio" and (numbers < 0).any():
        raise ValueError("Ratio weights know no negative value.")
    # Weights do not depend on the unit of measurement; a power of two is exact, and no square overflows.
    return np.ldexp(numbers, -int(np.frexp(np.abs(numbers).max())[1]))


def _order(values: FloatArray) -> IntArray:
    """The rank of each value, equal values on one rank."""
    return np.unique(values, return_inverse=True)[1].reshape(-1)


def _ordinal(order: IntArray) -> FloatArray:
    apart = np.abs(order[:, None] - order[None, :])
    most = int(order.max()) + 1
    return np.asarray(1 - apart * (apart + 1) / max(most * (most - 1), 1))


def _apart(values: FloatArray) -> FloatArray:
    """|x - y| over the range, 0 where all values are equal."""
    span = float(np.ptp(values)) or 1.0
    return np.asarray(np.abs(values[:, None] - values[None, :]) / span)


def _linear(values: FloatArray) -> FloatArray:
    return 1 - _apart(values)


def _quadratic(values: FloatArray) -> FloatArray:
    return 1 - np.square(_apart(values))


def _radical(values: FloatArray) -> FloatArray:
    return 1 - np.sqrt(_apart(values))


def _ratio(values: FloatArray) -> FloatArray:
    apart, together = values[:, None] - values[None, :], values[:, None] + values[None, :]
    fraction = np.square(np.divide(apart, together, out=np.zeros_like(apart), where=together > 0))
    return 1 - fraction / (float(fraction.max()) or 1.0)


def _bipolar(values: FloatArray) -> FloatArray:
    apart, together = values[:, None] - values[None, :], values[:, None] + values[None, :]
    room = (together - 2 * values.min()) * (2 * values.max() - together)
    weights = np.zeros_like(apart)
    np.divide(np.square(apart), room, out=weights, where=room > 0)
    far = np.where(room > 0, weights, (apart != 0).astype(np.float64))
    return np.asarray(1 - far / (float(far.max()) or 1.0))


_OF_VALUES = {
    "linear": _linear,
    "quadratic": _quadratic,
    "radical": _radical,
    "ratio": _ratio,
    "bipolar": _bipolar,
}

"""The shares of several codes, corrected by how often each true code is coded as each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from server.estimation.arrays import FloatArray, shares
from server.estimation.limits import Interval, check_confidence, normal_quantile, within_unit
from server.language import N_

_SUM = 1e-6
_SINGULAR = 1e10
_ADDED = 2

_NOT_INVERTIBLE = N_(
    "Some true codes are coded so alike that different shares of them cannot be told apart, "
    "so the corrected shares are undefined."
)
_NO_SAMPLE = N_("Without the number of coded posts there is no standard error.")
_NO_LIMITS = N_(
    "Some codes have no interval: either nothing varied, or the whole of it would lie outside of 0 to 1, "
    "which means that the error rates may not hold for these posts."
)


@dataclass(frozen=True)
class CorrectedProportions:
    """Corrected shares, one a code; what is undefined is None and told in `reason`.

    `raw` may leave [0, 1]; `shares` is the distribution nearest to it. The standard errors are those of
    `raw`, and the intervals hold `shares`.
    """

    observed: tuple[float, ...]
    raw: tuple[float, ...] | None
    shares: tuple[float, ...] | None
    standard_errors: tuple[float, ...] | None
    intervals: tuple[Interval | None, ...] | None
    reason: str | None = None

    @property
    def is_truncated(self) -> bool:
        """Whether a corrected share lay outside of [0, 1]."""
        return self.raw is not None and min(self.raw) < 0


def misclassification_corrected_proportions(
    observed: Sequence[float],
    confusion: Sequence[Sequence[float]],
    n: int | None = None,
    checked: Sequence[int] | None = None,
    confidence: float = 0.95,
) -> CorrectedProportions:
    """The true distribution of codes p from the coded one q = M p: p = M⁻¹ q.

    The matrix method (Tenenbein 1972, Technometrics 14:187-202; Kuha & Skinner 1997, in Lyberg et al., Survey
    Measurement and Process Quality), which with two codes is Rogan & Gladen's. By the delta method
    Cov p = M⁻¹ (Cov q + Σ_j p_j² Cov M_j) M⁻ᵀ with Cov q = (diag q - q qᵀ)/n and, for each column estimated
    from checked_j posts of true code j, Cov M_j = (diag M_j - M_j M_jᵀ)/checked_j. Few checks without an
    error are no proof that there is none: in Cov M_j the intervals add two posts to those checked, in
    equal parts of all k codes, checked_j + 2 with (checked_j M_j + 2/k)/(checked_j + 2), which with two codes
    is the step of Lang & Reiczigel (2014, Preventive Veterinary Medicine 113:13-22). They are normal, each
    code for itself, cut to [0, 1]. Raw shares outside of [0, 1] are replaced by the distribution with the
    least squared distance (Michelot 1986, J. Optimization Theory and Applications 50:195-200), and intervals
    widened to hold it.

    Args:
        observed: q, shape (codes,), shares of posts that sum to 1.
        confusion: M, shape (codes, codes): column j has the probabilities that a post of true code j is coded
            as each of the codes, and sums to 1.
        n: the coded posts that q rests on, if standard errors are wanted.
        checked: shape (codes,), the posts that each column of M was estimated from; M is known without.
        confidence: the coverage aimed at, between 0 and 1.

    Returns:
        Undefined where M has no inverse. Codes without a standard error or with an interval outside of [0, 1]
        have no interval.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    check_confidence(confidence)
    q, matrix = _distribution(observed, "the observed shares"), _matrix(confusion)
    if matrix.shape != (q.size, q.size):
        raise ValueError("the confusion matrix has a row and a column for each code")
    sizes = _sizes(n, checked, q.size)
    if np.linalg.cond(matrix) > _SINGULAR:
        return CorrectedProportions(_listed(q), None, None, None, None, _NOT_INVERTIBLE)
    raw = np.asarray(np.linalg.solve(matrix, q), dtype=float)
    nearest = _listed(nearest_distribution(raw))
    if n is None:
        return CorrectedProportions(_listed(q), _listed(raw), nearest, None, None, _NO_SAMPLE)
    errors, careful = (_standard_errors(q, matrix, raw, n, sizes, added) for added in (0, _ADDED))
    each = zip(raw.tolist(), nearest, careful.tolist(), strict=True)
    intervals = tuple(_interval(share, shown, error, confidence) for share, shown, error in each)
    reason = _NO_LIMITS if None in intervals else None
    return CorrectedProportions(_listed(q), _listed(raw), nearest, _listed(errors), intervals, reason)


def nearest_distribution(values: ArrayLike) -> FloatArray:
    """The point of the unit simplex nearest to `values` (codes,): max(v - τ, 0), τ such that they sum to 1.

    Michelot (1986); the values above τ are found from the largest down.
    """
    v = np.asarray(values, dtype=float)
    falling = np.sort(v)[::-1]
    thresholds = (np.cumsum(falling) - 1) / np.arange(1, v.size + 1)
    return np.asarray(np.maximum(v - thresholds[np.flatnonzero(falling > thresholds)[-1]], 0))


def _distribution(given: ArrayLike, name: str) -> FloatArray:
    array = shares(given, name)
    if array.size < 2 or abs(array.sum() - 1) > _SUM:
        raise ValueError(f"{name} are those of two codes or more and sum to 1")
    return array


def _matrix(confusion: Sequence[Sequence[float]]) -> FloatArray:
    if len({len(row) for row in confusion}) != 1:
        raise ValueError("the confusion matrix has rows of the same length")
    columns = zip(*confusion, strict=True)
    return np.column_stack([_distribution(column, "a column of the confusion matrix") for column in columns])


def _sizes(n: int | None, checked: Sequence[int] | None, codes: int) -> FloatArray | None:
    if n is not None and n < 1:
        raise ValueError("the observed shares rest on at least one post")
    if checked is None:
        return None
    sizes = np.asarray(checked, dtype=float)
    if sizes.shape != (codes,) or not (sizes >= 1).all():
        raise ValueError("every column of the confusion matrix rests on at least one checked post")
    return sizes


def _standard_errors(
    q: FloatArray, matrix: FloatArray, true: FloatArray, n: int, sizes: FloatArray | None, added: int
) -> FloatArray:
    covariance = _of_multinomial(q) / n
    if sizes is not None:
        for share, column, size in zip(true, matrix.T, sizes, strict=True):
            posts = size + added
            covariance += share**2 * _of_multinomial((size * column + added / q.size) / posts) / posts
    inverse = np.linalg.inv(matrix)
    # What is 0 may come out as -1e-20.
    return np.asarray(np.sqrt(np.maximum(np.diag(inverse @ covariance @ inverse.T), 0)))


def _of_multinomial(shares_of: FloatArray) -> FloatArray:
    return np.asarray(np.diag(shares_of) - np.outer(shares_of, shares_of))


def _interval(share: float, shown: float, error: float, confidence: float) -> Interval | None:
    spread = normal_quantile(confidence) * error
    limits = min(share - spread, shown), max(share + spread, shown)
    return within_unit(limits) if error > 1e-12 else None


def _listed(array: FloatArray) -> tuple[float, ...]:
    return tuple(array.tolist())

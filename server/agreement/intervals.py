"""Confidence intervals of a coefficient: from its standard error, or from its resamples."""

from typing import Literal, TypeAlias, get_args

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from server.agreement.arrays import FloatArray, IntArray

IntervalMethod: TypeAlias = Literal["bootstrap", "bca", "t", "normal", "krippendorff"]
INTERVAL_METHODS: tuple[IntervalMethod, ...] = get_args(IntervalMethod)
Interval: TypeAlias = tuple[float, float]
# Values that differ by less are the same value, computed in another order.
SAME = 1e-12


def is_confidence(confidence: float) -> bool:
    """Whether it lies between 0 and 1, and so far below that a quantile is finite."""
    return confidence > 0 and 0.5 + confidence / 2 < 1


def analytic_interval(
    estimate: float, standard_error: float, confidence: float = 0.95, degrees_of_freedom: float | None = None
) -> Interval:
    """Estimate ± q · standard error, with the quantile q of the t or, without degrees of freedom, the normal.

    No coefficient of agreement is above 1, so neither is the upper end.
    """
    middle = 0.5 + confidence / 2
    quantile = ndtri(middle) if degrees_of_freedom is None else stdtrit(degrees_of_freedom, middle)
    reach = float(quantile) * standard_error
    return estimate - reach, min(1.0, estimate + reach)


def percentile_interval(values: FloatArray, confidence: float = 0.95) -> Interval:
    """The middle of the defined values of the resamples (Efron & Tibshirani 1993, chapter 13)."""
    return _between(values, 0.5 - confidence / 2, 0.5 + confidence / 2)


def bca_interval(
    values: FloatArray,
    estimate: float,
    influences: FloatArray,
    counts: IntArray,
    confidence: float = 0.95,
) -> Interval:
    """The bias-corrected and accelerated interval (Efron 1987, JASA 82:171-185, equations 2.3 and 7.3).

    The percentiles are moved by z0, how far the estimate is from the median of the resamples, and by the
    acceleration a = Σ u³ / (6 (Σ u²)^1.5) of the influences u of posts or authors; `counts` says how many
    have each of them.
    """
    kept = values[~np.isnan(values)]
    # Equal but for the last digits is equal: else the order of a sum would move the interval.
    is_same = np.abs(kept - estimate) < SAME
    below = (np.count_nonzero((kept < estimate) & ~is_same) + np.count_nonzero(is_same) / 2) / len(kept)
    bias = float(ndtri(np.clip(below, 0.5 / len(kept), 1 - 0.5 / len(kept))))
    acceleration = _acceleration(influences, counts)
    low, high = (
        float(ndtr(bias + (bias + z) / (1 - acceleration * (bias + z))))
        for z in (ndtri(0.5 - confidence / 2), ndtri(0.5 + confidence / 2))
    )
    return _between(kept, low, high)


def _acceleration(influences: FloatArray, counts: IntArray) -> float:
    squares = float(counts @ np.square(influences))
    return 0.0 if squares == 0 else float(counts @ influences**3) / (6 * squares**1.5)


def _between(values: FloatArray, low: float, high: float) -> Interval:
    """Two quantiles, between the values next to them (Hyndman & Fan 1996, type 7, as `np.quantile`)."""
    ordered = np.sort(values[~np.isnan(values)])
    ends = np.interp(np.array([low, high]) * (len(ordered) - 1), np.arange(len(ordered)), ordered)
    return float(ends[0]), float(ends[1])

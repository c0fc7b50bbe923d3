"""Limits of an interval on the scale where its error is even, and the quantiles that they need."""

import math

from server.deferred import special

Interval = tuple[float, float]


def check_confidence(confidence: float) -> None:
    """Raise ValueError unless `confidence` lies between 0 and 1."""
    if not 0 < confidence < 1:
        raise ValueError("the confidence lies between 0 and 1")


def check_proportion(successes: float, n: float, confidence: float) -> None:
    """Raise ValueError unless `successes` of `n` are a proportion and `confidence` lies between 0 and 1."""
    check_confidence(confidence)
    if not (n > 0 and 0 <= successes <= n and math.isfinite(n)):
        raise ValueError("a proportion needs 0 <= successes <= n and n > 0")


def normal_quantile(confidence: float) -> float:
    """How many standard errors a two-sided normal interval reaches to either side."""
    return float(special.ndtri(0.5 + confidence / 2))


def student_quantile(degrees: int, confidence: float) -> float:
    """How many standard errors a two-sided interval reaches by Student's t; `degrees` of freedom above 0."""
    return float(special.stdtrit(degrees, 0.5 + confidence / 2))


def logit_interval(share: float, error: float, degrees: int, confidence: float) -> Interval:
    """The limits logit p ± t √v / (p(1-p)), carried back; 0 < p < 1, `degrees` of freedom above 0."""
    t = student_quantile(degrees, confidence)
    centre = math.log(share / (1 - share))
    spread = t * error / (share * (1 - share))
    return _logistic(centre - spread), _logistic(centre + spread)


def within_unit(interval: Interval) -> Interval | None:
    """The part of `interval` within [0, 1]; None if it is a single point or nothing."""
    low, high = max(0.0, interval[0]), min(1.0, interval[1])
    return (low, high) if low < high else None


def truncated(share: float) -> float:
    """The value of [0, 1] nearest to `share`."""
    return min(1.0, max(0.0, share))


def _logistic(x: float) -> float:
    # Written twice, so that neither tail overflows.
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))

"""Intervals that hold for all codes of a single choice at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.estimation.arrays import FloatArray, not_negative
from server.estimation.limits import Interval, check_confidence
from server.estimation.proportions import wilson_interval
from server.estimation.sison_glaz import half_width
from server.language import N_

GOODMAN = N_("Goodman, all codes at once")
SISON_GLAZ = N_("Sison-Glaz, all codes at once")

_NO_POST = N_("There is no post to count.")
_SPARSE = N_(
    "Sison-Glaz intervals are meant for seven codes or more with about five posts each; "
    "with fewer, Goodman's are the safer choice."
)
_ONE_CODE = N_("All posts have the same code, where Sison-Glaz intervals have no width; Goodman's have.")


@dataclass(frozen=True)
class SimultaneousIntervals:
    """The shares of all codes, and intervals that hold together with the confidence asked for.

    One share and one interval a code, in the order of the counts; None where there is none, and `reason` then
    says why. Otherwise it says why the intervals are to be read with care, or nothing.
    """

    counts: tuple[int, ...]
    shares: tuple[float, ...] | None
    intervals: tuple[Interval, ...] | None
    method: str
    reason: str | None = None


def goodman_intervals(counts: Sequence[int], confidence: float = 0.95) -> SimultaneousIntervals:
    """Simultaneous intervals of a multinomial distribution (Goodman 1965, Technometrics 7:247-254).

    With n_i of N posts at code i of k, the limits solve (p - n_i/N)² = A p(1-p)/N with A the quantile of χ²
    with 1 degree of freedom at 1 - (1 - confidence)/k, Bonferroni's correction: Wilson's interval at that
    level for each code.

    Args:
        counts: n_i, shape (codes,), whole numbers; every code of the codebook, used or not. At least two.
        confidence: the probability aimed at that all intervals hold at once, between 0 and 1.

    Returns:
        One interval a code, within [0, 1]; undefined without any post.

    Raises:
        ValueError: when shape or ranges are not kept.
    """
    n = _checked(counts, confidence)
    if n.sum() == 0:
        return _empty(n, GOODMAN)
    each = 1 - (1 - confidence) / n.size
    intervals = tuple(wilson_interval(count, float(n.sum()), each) for count in n.tolist())
    return _found(n, intervals, GOODMAN)


def sison_glaz_intervals(counts: Sequence[int], confidence: float = 0.95) -> SimultaneousIntervals:
    """Simultaneous intervals of one width (Sison & Glaz 1995, JASA 90:366-369).

    n_i/N - c/N ≤ p_i ≤ n_i/N + (c + 2γ)/N for all codes, with c the largest whole number at which the
    probability ν(c) that every count falls within c of n_i stays below `confidence`, and
    γ = (confidence - ν(c)) / (ν(c + 1) - ν(c)). ν is approximated as they do; see the module `sison_glaz`.
    Usually shorter than Goodman's with many codes. Arguments and errors as in `goodman_intervals`. `reason`
    says where the approximation is poor (fewer than seven codes, or fewer than about five posts at one; May &
    Johnson 1997, Computer Methods and Programs in Biomedicine 53:153-162), or that there is no interval where
    all posts have one code.
    """
    n = _checked(counts, confidence)
    total = float(n.sum())
    if (n > 0).sum() < 2:
        return _empty(n, SISON_GLAZ) if total == 0 else _found(n, None, SISON_GLAZ, _ONE_CODE)
    below, above = (width / total for width in half_width(n.astype(np.int64), confidence))
    intervals = tuple((max(0.0, share - below), min(1.0, share + above)) for share in (n / total).tolist())
    reason = _SPARSE if n.size < 7 or n.min() < 5 else None
    return _found(n, intervals, SISON_GLAZ, reason)


def _checked(counts: Sequence[int], confidence: float) -> FloatArray:
    check_confidence(confidence)
    n = not_negative(counts, "a count")
    if n.size < 2:
        raise ValueError("a distribution needs the counts of two codes or more")
    if (n != np.floor(n)).any():
        raise ValueError("a count is a whole number")
    return n


def _empty(n: FloatArray, method: str) -> SimultaneousIntervals:
    return SimultaneousIntervals(_whole(n), None, None, method, _NO_POST)


def _found(
    n: FloatArray, intervals: tuple[Interval, ...] | None, method: str, reason: str | None = None
) -> SimultaneousIntervals:
    return SimultaneousIntervals(_whole(n), tuple((n / n.sum()).tolist()), intervals, method, reason)


def _whole(n: FloatArray) -> tuple[int, ...]:
    return tuple(n.astype(np.int64).tolist())

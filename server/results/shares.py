"""From final values to what is published of them: shares, means, bounds, and how they came about."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.codebooks.queries import VariableInfo
from server.estimation import Interval, Proportion
from server.language import gettext as _
from server.results.conditional import Final
from server.results.estimating import Estimated, Estimator
from server.results.finals import Finals, is_open
from server.results.outcomes import REPORTED, Bases, Basis, Choices, Flags, has_value, is_coded_on
from server.results.weighing import Floats


@dataclass(frozen=True)
class Share:
    """How many posts carry a code, of those that are its denominator.

    Posts that are unresolved, or not coded though the question is asked of them, count as not carrying it:
    `bounds` is the share if none or all of them did, and `share_of_resolved` leaves them out. `clusters` is
    how many the interval was made over, None where posts count singly. `basis` counts how the values came
    about. What is undefined is None; `reason` says why, or why `method` is not the usual one.
    """

    count: int
    denominator: int
    share: float | None
    interval: Interval | None
    method: str
    clusters: int | None
    reason: str | None
    share_of_resolved: float | None
    unresolved: int
    bounds: Interval | None
    basis: dict[Basis, int]

    @property
    def is_unsettled(self) -> bool:
        """Whether the unresolved posts could move the share by more than its interval is wide."""
        if self.bounds is None or self.interval is None:
            return False
        return self.bounds[1] - self.bounds[0] > self.interval[1] - self.interval[0]


@dataclass(frozen=True)
class Moments:
    """Mean, median and standard deviation (n - 1) of the final values that are numbers; `n` of them.

    None where undefined: all three without a value, the standard deviation with fewer than two.
    """

    n: int
    mean: float | None
    median: float | None
    standard_deviation: float | None
    reason: str | None


def share_of(
    carries: Flags,
    basis: Bases,
    estimator: Estimator,
    *,
    of_carriers: bool,
    within: Flags | None = None,
    estimated: Estimated | None = None,
) -> Share:
    """The share of one code `within` some posts: those coded on it where they are not given.

    With `of_carriers`, only the bases of posts that carry it or are unresolved. That is meant for variables
    of which a post has one value: their basis is the post's, and would be the same at every code.
    `estimated` holds what was estimated for all codes at once.
    """
    coded = has_value(basis) if within is None else within
    open_ = is_open(basis) & coded
    found = estimated or estimator.share(carries, coded)
    estimate, unresolved = found.proportion, int(open_.sum())
    told = carries | (basis == Basis.UNRESOLVED) if of_carriers else has_value(basis)
    return Share(
        count=estimate.count,
        denominator=estimate.denominator,
        share=estimate.share,
        interval=estimate.interval,
        method=estimate.method,
        clusters=found.clusters,
        reason=estimate.reason,
        share_of_resolved=estimator.part(carries, coded & ~open_),
        unresolved=unresolved,
        bounds=_bounds(estimate, estimator.part(carries | open_, coded)),
        basis=bases_of(basis[told]),
    )


def on_code(estimator: Estimator, basis: Bases, within: Flags) -> Estimator:
    """The estimator of one code: what was drawn are the posts that are coded on it, not on anything.

    A share `within` more posts than these (posts,) is weighed by all of them, and no surer for that.
    """
    coded = is_coded_on(basis)
    weighing = estimator.weighing.on(coded | within).drawn_as(coded) if estimator.weighing else None
    return replace(estimator, sampled=max(int(coded.sum()), 1) / coded.size, weighing=weighing)


def shares_of(finals: Finals, of: VariableInfo, values: Choices, estimator: Estimator) -> list[Share]:
    """The shares of all codes of a variable."""
    carrying, bases = list(values.chosen.T), list(values.basis.T)
    withins = [finals.within(basis, estimator.ways.denominator) for basis in bases]
    each = [on_code(estimator, basis, within) for basis, within in zip(bases, withins, strict=True)]
    at_once: Sequence[Estimated | None] = [None] * len(bases)
    if bases and of.kind != "multiple" and estimator.ways.interval.is_simultaneous:
        at_once = each[0].shares(carrying, withins[0])
    return [
        share_of(carries, basis, own, of_carriers=of.kind != "multiple", within=within, estimated=estimated)
        for carries, basis, own, within, estimated in zip(
            carrying, bases, each, withins, at_once, strict=True
        )
    ]


def nothing_of(finals: Finals, final: Final, estimator: Estimator) -> Share | None:
    """The share of posts to which nothing applies, of a multiple choice alone."""
    if final.nothing is None:
        return None
    carries, basis = final.nothing.chosen[:, 0], final.nothing.basis[:, 0]
    within = finals.within(basis, estimator.ways.denominator)
    own = on_code(estimator, basis, within)
    return share_of(carries, basis, own, of_carriers=False, within=within)


def _bounds(estimate: Proportion, at_most: float | None) -> Interval | None:
    if estimate.share is None or at_most is None:
        return None
    return estimate.share, at_most


def bases_of(basis: NDArray[Any]) -> dict[Basis, int]:
    """How many values rest on what, every basis named; posts that are not coded are left out."""
    counts = np.bincount(basis.astype(np.int64), minlength=len(Basis))
    return {each: int(counts[each]) for each in REPORTED}


def moments(values: Floats, weights: Floats) -> Moments:
    """Mean, median and standard deviation of `values`, NaN where there is none, or why there are none.

    Posts count by their `weights`, both (posts,). The variance is Σw(x - m)²/Σw · n/(n - 1), as in R's survey
    package (Lumley 2010, Complex Surveys, section 2.3); with equal weights that of a sample. The median is
    the value up to which half of all weight lies, and the mean of the two next to one another where that is
    so of both.
    """
    known = ~np.isnan(values)
    x, w, n = values[known], weights[known], int(known.sum())
    if n == 0:
        return Moments(0, None, None, None, _("No post has a value yet."))
    mean, middle = float(np.average(x, weights=w)), _median(x, w)
    if n == 1:
        return Moments(1, mean, middle, None, _("One value alone does not spread."))
    variance = float(np.average((x - mean) ** 2, weights=w)) * n / (n - 1)
    return Moments(n, mean, middle, math.sqrt(variance), None)


def _median(x: Floats, w: Floats) -> float:
    order = np.argsort(x, kind="stable")
    x, below = x[order], np.cumsum(w[order])
    half = below[-1] / 2
    # Sums of weights are not exact to the last digit.
    ends = np.searchsorted(below, [half * (1 - 1e-9), half * (1 + 1e-9)])
    return float(x[ends].mean())


def code_values(codes: Choices, numbers: Sequence[float | None]) -> Floats:
    """The number of an ordinal variable's final code (posts,), NaN where there is none."""
    scale = np.array([np.nan if number is None else number for number in numbers], dtype=float)
    return np.where(codes.chosen.any(axis=1), scale[codes.chosen.argmax(axis=1)], np.nan)

"""How much more often a code occurs in one group of posts than in another."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from server.estimation.arrays import FloatArray, not_negative, same_length
from server.estimation.designs import Design
from server.estimation.limits import Interval, check_confidence, normal_quantile, student_quantile
from server.estimation.proportions import wilson_interval
from server.language import N_

INDEPENDENT = N_("Katz (ratio), Newcombe (difference), Woolf (odds ratio)")
LINEARISED = N_("Taylor linearisation by clusters, logarithms for the ratios")
WEIGHED = N_("Taylor linearisation of weighted shares, logarithms for the ratios")
COMBINED = N_(
    "Newcombe from limits of each share (difference), for a group without spread those of Wilson with the "
    "effective number of posts"
)

_EMPTY_GROUP = N_("One of the groups has no post.")
_NOBODY = N_("No post of one group carries the code, or all do, so ratios have no interval.")
_ONE_CLUSTER = N_("All posts are of one cluster, so nothing shows how clusters differ.")
_GROUP_OF_ONE = N_("The posts of one group are of one cluster, so nothing shows how its clusters differ.")
_ALIKE = N_(
    "The clusters of one group all have the same share, so ratios have no interval, and that of the "
    "difference takes the posts of its clusters as entirely alike."
)
_IN_STEP = N_("The clusters differ in the same way in both groups, so some intervals cannot be given.")


# Sums of weights are exact but for their last digits.
_CRUMB = 1e-12


@dataclass(frozen=True)
class Measure:
    """One way to compare the groups; None where it is undefined."""

    estimate: float | None
    interval: Interval | None = None


@dataclass(frozen=True)
class Comparison:
    """A first group against a second one; `reason` says why something is None."""

    risk_ratio: Measure
    risk_difference: Measure
    odds_ratio: Measure
    method: str
    clusters: int | None = None
    reason: str | None = None


def compared(carrying: tuple[int, int], posts: tuple[int, int], confidence: float = 0.95) -> Comparison:
    """The risk ratio, the risk difference and the odds ratio of independent posts.

    With a of n and c of m posts that carry the code, b = n - a and d = m - c: log RR has the variance
    1/a - 1/n + 1/c - 1/m (Katz, Baptista, Azen & Pike 1978, Biometrics 34:469-474) and log OR
    1/a + 1/b + 1/c + 1/d (Woolf 1955, Annals of Human Genetics 19:251-253). The limits of the difference are
    squared distances to Wilson's limits of each share: method 10 of Newcombe (1998, Statistics in Medicine
    17:873-890).

    Args:
        carrying: posts that carry the code in the first and in the second group.
        posts: all posts of each.
        confidence: the coverage aimed at, between 0 and 1.

    Returns:
        Undefined where a group is empty. A ratio to nothing is undefined, and where a cell is 0 ratios have
        no interval; the difference has one always.

    Raises:
        ValueError: when ranges are not kept.
    """
    check_confidence(confidence)
    (a, c), (n, m) = carrying, posts
    if not (0 <= a <= n and 0 <= c <= m):
        raise ValueError("the posts that carry the code lie between 0 and all posts of the group")
    if n == 0 or m == 0:
        return _undefined(INDEPENDENT, _EMPTY_GROUP)
    first, second = a / n, c / m
    z = normal_quantile(confidence)
    difference = Measure(first - second, _newcombe(carrying, posts, confidence))
    ratio, odds = _ratio(first, second), _odds(first, second)
    if 0 in {a, c, n - a, m - c}:
        return Comparison(
            Measure(ratio, _katz(ratio, carrying, posts, z)),
            difference,
            Measure(odds),
            INDEPENDENT,
            reason=_NOBODY,
        )
    of_odds = math.sqrt(1 / a + 1 / (n - a) + 1 / c + 1 / (m - c))
    return Comparison(
        Measure(ratio, _katz(ratio, carrying, posts, z)),
        difference,
        Measure(odds, _around(odds, z * of_odds)),
        INDEPENDENT,
    )


def compared_by_clusters(
    carrying: tuple[FloatArray, FloatArray],
    posts: tuple[FloatArray, FloatArray],
    confidence: float = 0.95,
    design: Design | None = None,
) -> Comparison:
    """The same of posts in clusters, which may have posts in both groups.

    With p = Σy_i/Σn_i of each group, the linearised value of cluster i is that of a ratio,
    u_i = (y_i - p n_i)/Σn_i; it is u₁ - u₂ for the difference, u₁/p₁ - u₂/p₂ for log RR and
    u₁/(p₁(1-p₁)) - u₂/(p₂(1-p₂)) for log OR. Over C clusters v = C/(C-1) Σz_i², and t has C - 1 degrees of
    freedom; in strata v = Σ_h n_h/(n_h - 1) Σ_i (z_hi - z̄_h)², and the strata are taken off the degrees
    (Binder 1983, International Statistical Review 51:279-292; Lohr 2010, Sampling: Design and Analysis,
    chapter 9). Degrees are at most the clusters of the smaller group less one, as its variance may be all of
    v (Welch's degrees are never fewer: 1938, Biometrika 29:350-362).

    Where all clusters of a group have the same share, its u is 0 and says nothing: see `_combined`.

    Args:
        carrying: of each group the posts that carry the code, or their weights, in each cluster (clusters,).
        posts: all its posts, likewise. Clusters without any are left out, but count as drawn with a `design`.
        confidence: the coverage aimed at, between 0 and 1.
        design: how the clusters were drawn; all alike without.

    Returns:
        Undefined as in `compared`; with one cluster, also in one of the groups, or a stratum of one, there is
        no interval. Where all clusters of a group have the same share, ratios have none.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    check_confidence(confidence)
    y, n = _totals(carrying, posts, keeps_empty=design is not None)
    method, clusters = (LINEARISED, n.shape[1]) if design is None else (WEIGHED, None)
    design = design or Design.plain(n.shape[1])
    whole, has_posts = n @ design.alike, np.asarray(n.sum(axis=0) > 0)
    if not whole.all():
        return _undefined(method, _EMPTY_GROUP)
    shares = np.minimum((y @ design.alike) / whole, 1.0)
    without = _estimated(shares, method, clusters)
    degrees, why_not = design.degrees(has_posts), design.why_not(has_posts)
    fewest = int(design.in_groups(n).min())
    if degrees < 1 or why_not or fewest < 2:
        return replace(without, reason=why_not or (_ONE_CLUSTER if degrees < 1 else _GROUP_OF_ONE))
    u = (y - shares[:, None] * n) / whole[:, None]
    t = student_quantile(min(degrees, fewest - 1), confidence)
    spreads = [t * _error(design, moved) for moved in u]
    if min(spreads) > _CRUMB:
        return _with_intervals(without, shares, partial(_spread, u, t, design))
    return _combined(without, shares, _limits(shares, n, spreads, design, confidence))


def _estimated(shares: FloatArray, method: str, clusters: int | None) -> Comparison:
    first, second = shares.tolist()
    ratio, odds = Measure(_ratio(first, second)), Measure(_odds(first, second))
    return Comparison(ratio, Measure(first - second), odds, method, clusters)


def _combined(without: Comparison, shares: FloatArray, limits: Sequence[Interval]) -> Comparison:
    """With d - √((p₁-l₁)² + (u₂-p₂)²) and d + √((u₁-p₁)² + (p₂-l₂)²) from limits l and u of each share.

    Zou & Donner (2008, Statistics in Medicine 27:1693-1702), Newcombe's method 10 for any limits: of a group
    whose clusters all have the same share Wilson's with the effective size of `effective_size`, of another
    p ± t√v.
    """
    first, second = shares.tolist()
    difference = Measure(first - second, _cut(*_mover((first, second), limits)))
    return replace(without, risk_difference=difference, method=COMBINED, reason=_ALIKE)


def _error(design: Design, moved: FloatArray) -> float:
    return math.sqrt(float(design.covariance(moved[:, None])[0, 0]))


def _limits(
    shares: FloatArray, posts: FloatArray, spreads: list[float], design: Design, confidence: float
) -> list[Interval]:
    """Those of each share; `posts` of each cluster, shape (groups, clusters)."""
    each = zip(shares.tolist(), posts, spreads, strict=True)
    return [_limits_of_one(share, n, spread, design, confidence) for share, n, spread in each]


def _limits_of_one(
    share: float, posts: FloatArray, spread: float, design: Design, confidence: float
) -> Interval:
    """Of a share that reaches so far, or shows no spread."""
    if spread > _CRUMB:
        return share - spread, share + spread
    size = float((posts @ design.alike) ** 2 / (np.square(posts) @ design.alike))
    return wilson_interval(min(share * size, size), size, confidence)


def _spread(u: FloatArray, t: float, design: Design, first: float, second: float) -> float:
    """How far an interval reaches, where u of the two groups is divided by these."""
    return t * _error(design, u[0] / first - u[1] / second)


def _with_intervals(
    without: Comparison, shares: FloatArray, spread: Callable[[float, float], float]
) -> Comparison:
    first, second = shares.tolist()
    difference, ratio, odds = first - second, without.risk_ratio.estimate, without.odds_ratio.estimate
    wide = spread(1.0, 1.0)
    told = replace(
        without,
        risk_difference=Measure(
            difference, _cut(difference - wide, difference + wide) if wide > _CRUMB else None
        ),
        risk_ratio=Measure(ratio, _around(ratio, spread(first, second))),
        odds_ratio=Measure(odds, _around(odds, spread(first * (1 - first), second * (1 - second)))),
    )
    measures = (told.risk_difference, told.risk_ratio, told.odds_ratio)
    return replace(told, reason=_IN_STEP if any(each.interval is None for each in measures) else None)


def _totals(
    carrying: tuple[FloatArray, FloatArray], posts: tuple[FloatArray, FloatArray], *, keeps_empty: bool
) -> tuple[FloatArray, FloatArray]:
    given = [not_negative(each, "a number of posts") for each in (*carrying, *posts)]
    same_length(given, "the posts of the clusters")
    y, n = np.stack(given[:2]), np.stack(given[2:])
    if (y > n).any():
        raise ValueError("the posts that carry the code lie between 0 and all posts of the group")
    kept = keeps_empty | (n.sum(axis=0) > 0)
    return y[:, kept], n[:, kept]


def _undefined(method: str, reason: str) -> Comparison:
    return Comparison(Measure(None), Measure(None), Measure(None), method, reason=reason)


def _ratio(first: float, second: float) -> float | None:
    return first / second if second > 0 else None


def _odds(first: float, second: float) -> float | None:
    against = (1 - first) * second
    return first * (1 - second) / against if against > 0 else None


def _katz(
    ratio: float | None, carrying: tuple[int, int], posts: tuple[int, int], z: float
) -> Interval | None:
    if not ratio:
        return None
    (a, c), (n, m) = carrying, posts
    error = math.sqrt(1 / a - 1 / n + 1 / c - 1 / m)
    return _around(ratio, z * error)


def _newcombe(carrying: tuple[int, int], posts: tuple[int, int], confidence: float) -> Interval:
    (a, c), (n, m) = carrying, posts
    limits = [wilson_interval(a, n, confidence), wilson_interval(c, m, confidence)]
    return _mover((a / n, c / m), limits)


def _mover(shares: tuple[float, float], limits: Sequence[Interval]) -> Interval:
    """The limits of a difference of two shares, from those of each."""
    (first, second), ((low, high), (low_2, high_2)) = shares, limits
    difference = first - second
    return (
        difference - math.hypot(first - low, high_2 - second),
        difference + math.hypot(high - first, second - low_2),
    )


def _around(ratio: float | None, spread: float) -> Interval | None:
    if not ratio or spread <= _CRUMB:
        return None
    return ratio * math.exp(-spread), ratio * math.exp(spread)


def _cut(low: float, high: float) -> Interval:
    return max(-1.0, low), min(1.0, high)

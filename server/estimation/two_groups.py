"""How much more often a code occurs in one group of posts than in another."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from server.deferred import special
from server.estimation.arrays import FloatArray, not_negative, same_length
from server.estimation.designs import Design
from server.estimation.limits import Interval, check_confidence, normal_quantile
from server.estimation.proportions import wilson_interval
from server.language import N_

INDEPENDENT = N_("Katz (ratio), Newcombe (difference), Woolf (odds ratio)")
LINEARISED = N_("Taylor linearisation by clusters, logarithms for the ratios")
WEIGHED = N_("Taylor linearisation of weighted shares, logarithms for the ratios")

_EMPTY_GROUP = N_("One of the groups has no post.")
_NOBODY = N_("No post of one group carries the code, or all do, so ratios have no interval.")
_ONE_CLUSTER = N_("All posts are of one cluster, so nothing shows how clusters differ.")


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
    chapter 9).

    Args:
        carrying: for each group the posts of every cluster that carry the code, shape (clusters,); sums of
            weights where posts weigh unequally.
        posts: for each group all its posts of every cluster, likewise. Clusters without any are left out, but
            count as drawn where there is a `design`.
        confidence: the coverage aimed at, between 0 and 1.
        design: how the clusters were drawn; all alike without.

    Returns:
        Undefined as in `compared`; with one cluster, or a stratum of one, there is no interval.

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
    shares = (y @ design.alike) / whole
    first, second = (min(share, 1.0) for share in shares.tolist())
    ratio, odds = Measure(_ratio(first, second)), Measure(_odds(first, second))
    without = Comparison(ratio, Measure(first - second), odds, method, clusters)
    degrees, why_not = design.degrees(has_posts), design.why_not(has_posts)
    if degrees < 1 or why_not:
        return replace(without, reason=why_not or _ONE_CLUSTER)
    u = (y - shares[:, None] * n) / whole[:, None]
    t = float(special.stdtrit(degrees, 0.5 + confidence / 2))
    return _with_intervals(without, (first, second), partial(_spread, u, t, design))


def _spread(u: FloatArray, t: float, design: Design, first: float, second: float) -> float:
    """How far an interval reaches, where u of the two groups is divided by these."""
    return t * math.sqrt(float(design.covariance((u[0] / first - u[1] / second)[:, None])[0, 0]))


def _with_intervals(
    without: Comparison, shares: tuple[float, float], spread: Callable[[float, float], float]
) -> Comparison:
    first, second = shares
    difference, ratio, odds = first - second, without.risk_ratio.estimate, without.odds_ratio.estimate
    wide = spread(1.0, 1.0)
    # Sums of weights are exact but for their last digits.
    told = replace(
        without, risk_difference=Measure(difference, _cut(difference, wide) if wide > 1e-12 else None)
    )
    if first in {0, 1} or second in {0, 1}:
        return replace(told, reason=_NOBODY)
    return replace(
        told,
        risk_ratio=Measure(ratio, _around(ratio, spread(first, second))),
        odds_ratio=Measure(odds, _around(odds, spread(first * (1 - first), second * (1 - second)))),
    )


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
    return _around(ratio, z * error) if error > 0 else None


def _newcombe(carrying: tuple[int, int], posts: tuple[int, int], confidence: float) -> Interval:
    (a, c), (n, m) = carrying, posts
    first, second = a / n, c / m
    (low, high), (low_2, high_2) = wilson_interval(a, n, confidence), wilson_interval(c, m, confidence)
    difference = first - second
    return (
        difference - math.hypot(first - low, high_2 - second),
        difference + math.hypot(high - first, second - low_2),
    )


def _around(ratio: float | None, spread: float) -> Interval | None:
    if not ratio:
        return None
    return ratio * math.exp(-spread), ratio * math.exp(spread)


def _cut(difference: float, spread: float) -> Interval:
    return max(-1.0, difference - spread), min(1.0, difference + spread)

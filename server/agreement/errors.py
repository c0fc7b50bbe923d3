"""Standard errors: how far a coefficient of these posts may lie from that of all posts like them.

All come from the influence of each post (`Weighable.influence`): the variance of a mean of influences is
the infinitesimal jackknife (Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans, chapter 6),
which for kappa, pi, AC1 and Brennan-Prediger equals the published formulas (Fleiss, Cohen & Everitt 1969;
Gwet 2008). The annotators are taken as given.

Two conventions are published where posts are independent: the sum of squared influences over n² (Fleiss,
Cohen & Everitt; SAS; Gwet's tables of two annotators) or over n(n - 1) (Gwet's raw codings, R's irrCAC).
Ours is n(n - 1) over the posts that can be compared.
"""

from typing import Literal, TypeAlias

import numpy as np

from server.agreement.arrays import BoolArray, FloatArray, IntArray
from server.agreement.clusters import ClusterWeights
from server.agreement.statistics import Weighable

Divisor: TypeAlias = Literal["n - 1", "n"]


def standard_error(
    statistic: Weighable,
    frequencies: IntArray,
    pairable: BoolArray,
    clusters: ClusterWeights | None = None,
    divisor: Divisor = "n - 1",
) -> float | None:
    """The standard error of a coefficient over the posts that can be compared (or over their authors).

    None where the coefficient is undefined or there are fewer than two posts, or two authors, to compare.
    """
    moved = influence(statistic, frequencies, pairable)
    if clusters is not None:
        return _over_clusters(moved, frequencies, pairable, clusters)
    n = float(frequencies[pairable].sum())
    if n < 2 or not np.isfinite(moved).all():
        return None
    squares = float(frequencies @ np.square(moved))
    return float(np.sqrt(squares / (n * (n - 1 if divisor == "n - 1" else n))))


def influence(statistic: Weighable, frequencies: IntArray, pairable: BoolArray) -> FloatArray:
    """The influence of each pattern among the posts that can be compared (n_patterns), 0 for others.

    Posts with one coding are held as they are: they enter some margins, and say nothing of agreement.
    """
    n, total = float(frequencies[pairable].sum()), float(frequencies.sum())
    if n == 0:
        return np.zeros(len(frequencies))
    moved = statistic.influence(frequencies.astype(np.float64)) * (n / total)
    kept = np.where(pairable, moved, 0.0)
    return np.where(pairable, kept - float(frequencies @ kept) / n, 0.0)


def irrcac_error(
    statistic: Weighable, estimate: float, frequencies: IntArray, pairable: BoolArray
) -> float | None:
    """The standard error as R's irrCAC prints it: for comparison with published tables only.

    Gwet (2014, chapter 5) lets a post with one coding enter the variance as if it showed no agreement at
    all: its term is -estimate. Where half of the posts have one coding this is half as large again as the
    spread of the coefficient. Equals `standard_error` where every post has two codings.
    """
    n, n_pairable = float(frequencies.sum()), float(frequencies[pairable].sum())
    moved = statistic.influence(frequencies.astype(np.float64))
    if n < 2 or n_pairable == 0 or not np.isfinite(moved).all():
        return None
    terms = moved + estimate * (np.where(pairable, n / n_pairable, 0.0) - 1)
    return float(np.sqrt(float(frequencies @ np.square(terms)) / (n * (n - 1))))


def cluster_influences(moved: FloatArray, clusters: ClusterWeights) -> tuple[FloatArray, IntArray]:
    """The influence of an author of each kind, that of their posts added up, and how many there are."""
    of = clusters.profiles(len(moved))
    return of.sums(moved), of.kinds.frequencies


def _over_clusters(
    moved: FloatArray, frequencies: IntArray, pairable: BoolArray, clusters: ClusterWeights
) -> float | None:
    """Posts of one author are not so many facts (Liang & Zeger 1986, with C / (C - 1) for C authors)."""
    n, n_clusters = float(frequencies[pairable].sum()), clusters.count(pairable)
    if n_clusters < 2 or not np.isfinite(moved).all():
        return None
    of_authors, authors = cluster_influences(moved, clusters)
    squares = float(authors @ np.square(of_authors))
    return float(np.sqrt(squares * n_clusters / (n_clusters - 1)) / n)

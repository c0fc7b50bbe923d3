"""Proportions of posts that come in clusters: the posts of one author resemble one another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.estimation.limits import Interval, check_confidence, logit_interval
from server.estimation.proportions import Proportion, wilson_interval
from server.language import N_

LOGIT = N_("Taylor linearisation by clusters, logit scale")
WILSON_EFFECTIVE = N_("Wilson score with the effective number of posts")

Numbers = Sequence[float] | NDArray[np.int64] | NDArray[np.float64]

_NO_POST = N_("There is no post to count.")
_ONE_CLUSTER = N_("All posts are of one cluster, so nothing shows how clusters differ.")
_NO_SPREAD = N_(
    "All clusters have the same share, so the data do not show how much clusters differ. "
    "The interval takes the posts of a cluster as entirely alike."
)


@dataclass(frozen=True)
class ClusterEstimate:
    """A proportion over clusters; what is undefined is None and told in `reason`."""

    share: float | None
    standard_error: float | None
    interval: Interval | None
    clusters: int
    method: str
    reason: str | None = None


def cluster_interval(
    counts: Numbers,
    sizes: Numbers,
    confidence: float = 0.95,
    population_clusters: int | None = None,
) -> ClusterEstimate:
    r"""A proportion as a ratio of cluster totals, with the interval of survey practice.

    With y_i of the m_i posts of cluster i and n clusters: p = Σy_i / Σm_i and, by Taylor linearisation,
    v = (1 - n/N) · n/(n-1) · Σ(y_i - p m_i)² / (Σm_i)² (Cochran 1977, Sampling Techniques, chapters 6 and
    9A; Lohr 2010, Sampling: Design and Analysis, chapter 5). The limits are taken on the logit scale,
    logit p ± t_{n-1} √v / (p(1-p)), and carried back, as R's survey::svyciprop does with method "logit"
    (Korn & Graubard 1998, Survey Methodology 24:193-201, compare it with others).

    Args:
        counts: y_i, shape (clusters,), 0 ≤ y_i ≤ m_i; sums of weights where posts weigh unequally.
        sizes: m_i, shape (clusters,), likewise; clusters without a post are left out.
        confidence: the coverage aimed at, between 0 and 1.
        population_clusters: N, if the clusters are a random sample of N; else sampling from endlessly many
            (no finite population correction).

    Returns:
        Without posts everything is undefined; with one cluster the standard error and interval are. Where all
        clusters have the same share (0 and 1 among them) v = 0 says nothing about how clusters differ: the
        standard error is undefined, and the interval is Wilson's with the effective size of
        `effective_size`, which errs on the wide side. A census (N = n) has an interval without width.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    check_confidence(confidence)
    y, m = _checked(counts, sizes, population_clusters)
    if m.size == 0:
        return ClusterEstimate(None, None, None, 0, LOGIT, _NO_POST)
    share = float(y.sum() / m.sum())
    if population_clusters == m.size:
        return ClusterEstimate(
            share, 0.0, (share, share), m.size, LOGIT, "All clusters there are were coded."
        )
    if m.size == 1:
        return ClusterEstimate(share, None, None, 1, LOGIT, _ONE_CLUSTER)
    if _is_without_spread(y, m):
        return _without_spread(share, m, confidence)
    error = _standard_error(y, m, population_clusters)
    interval = logit_interval(share, error, m.size - 1, confidence)
    return ClusterEstimate(share, error, interval, m.size, LOGIT)


def cluster_proportion(
    counts: Sequence[int] | NDArray[np.int64],
    sizes: Sequence[int] | NDArray[np.int64],
    confidence: float = 0.95,
    population_clusters: int | None = None,
) -> Proportion:
    """The result of `cluster_interval` with the posts it rests on."""
    estimate = cluster_interval(counts, sizes, confidence, population_clusters)
    return Proportion(
        count=int(np.sum(counts)),
        denominator=int(np.sum(sizes)),
        share=estimate.share,
        interval=estimate.interval,
        method=estimate.method,
        reason=estimate.reason,
    )


def effective_size(sizes: Numbers) -> float:
    """(Σm)² / Σm²: how many independent posts are worth those of clusters that are alike within.

    If the posts of a cluster are entirely alike, the variance of the share is σ² Σm² / (Σm)²: a design effect
    of 1 + (m̄ - 1)ρ at ρ = 1 (Kish 1965, Survey Sampling) for clusters of any size, in the form that Kish
    (1992, J. Off. Stat. 8:183-200) gives for weights. Shape (clusters,), sizes above 0; equals the
    number of clusters when they are of one size. Raises ValueError without any post.
    """
    m = np.asarray(sizes, dtype=float)
    if m.size == 0 or m.sum() <= 0:
        raise ValueError("there is no post to count")
    return float(m.sum() ** 2 / np.square(m).sum())


def _checked(
    counts: Numbers, sizes: Numbers, population_clusters: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, m = np.asarray(counts, dtype=float), np.asarray(sizes, dtype=float)
    if y.ndim != 1 or y.shape != m.shape:
        raise ValueError("counts and sizes are two lists of the same length")
    if not (np.isfinite(m).all() and (y >= 0).all() and (y <= m).all()):
        raise ValueError("every count lies between 0 and the size of its cluster")
    filled = m > 0
    if population_clusters is not None and population_clusters < filled.sum():
        raise ValueError("there cannot be more clusters in the sample than in the population")
    return y[filled], m[filled]


def _is_without_spread(y: NDArray[np.float64], m: NDArray[np.float64]) -> bool:
    # y_i / m_i = Σy / Σm. Whole counts meet it exactly, weights but for the last digits.
    return bool(np.allclose(y * m.sum(), m * y.sum(), rtol=1e-12, atol=0))


def _without_spread(share: float, m: NDArray[np.float64], confidence: float) -> ClusterEstimate:
    n = effective_size(m)
    # Rounding must not carry a share of 1 above the size.
    interval = wilson_interval(min(share * n, n), n, confidence)
    return ClusterEstimate(share, None, interval, m.size, WILSON_EFFECTIVE, _NO_SPREAD)


def _standard_error(y: NDArray[np.float64], m: NDArray[np.float64], population_clusters: int | None) -> float:
    n = m.size
    residuals = y - y.sum() / m.sum() * m
    variance = n / (n - 1) * float(np.square(residuals).sum()) / float(m.sum()) ** 2
    sampled = 0.0 if population_clusters is None else n / population_clusters
    return math.sqrt((1 - sampled) * variance)

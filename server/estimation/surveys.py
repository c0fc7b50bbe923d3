"""Shares under a general design: posts that weigh unequally, in clusters, in strata, or all of these."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from server.estimation.arrays import FloatArray, IntArray, not_negative, numbered, same_length, shares
from server.estimation.clusters import WILSON_EFFECTIVE, effective_size
from server.estimation.limits import check_confidence, logit_interval
from server.estimation.proportions import wilson_interval
from server.estimation.strata import CENSUS, DesignEstimate, lonely
from server.language import N_

LINEARISED = N_("Taylor linearisation of the weighted share, logit scale")

_NO_POST = N_("There is no post to count.")
_ONE_CLUSTER = N_("All posts are of one cluster, so nothing shows how clusters differ.")
_NO_SPREAD = N_(
    "Nothing differs between clusters of a stratum, so the data do not show how much they differ. "
    "The interval takes the posts of a cluster as entirely alike."
)


@dataclass(frozen=True, eq=False)
class _Totals:
    """Weighted totals by cluster: `carrying` (clusters,) of `size`, the stratum of each.

    `size` is 0 where a cluster has no post of the domain. `sampled` (strata,) is the part of its clusters
    that was drawn, 0 without finite population correction.
    """

    carrying: FloatArray
    size: FloatArray
    stratum: IntArray
    sampled: FloatArray

    @property
    def share(self) -> float:
        return float(self.carrying.sum() / self.size.sum())

    @property
    def per_stratum(self) -> IntArray:
        return np.bincount(self.stratum, minlength=self.sampled.size)

    @property
    def filled(self) -> IntArray:
        """How many clusters of each stratum have posts of the domain (strata,)."""
        return np.bincount(self.stratum[self.size > 0], minlength=self.sampled.size)

    @property
    def degrees(self) -> int:
        return int(self.filled.sum()) - int((self.filled > 0).sum())


def survey_proportion(
    carries: ArrayLike,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    population_clusters: Sequence[int] | None = None,
    confidence: float = 0.95,
    domain: ArrayLike | None = None,
) -> DesignEstimate:
    """A weighted share of posts with the linearised standard error of its design.

    p = Σ w y / Σ w. With z_hi = Σ w (y - p) / Σ w, the upper sum over the posts of cluster i of the n_h drawn
    of N_h clusters in stratum h: v = Σ_h (1 - n_h/N_h) n_h/(n_h - 1) Σ_i (z_hi - z̄_h)² (Binder 1983, Int.
    Stat. Review 51:279-292; Särndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, chapter 5), as
    R's survey::svymean. Limits on the logit scale with Σn_h less the number of strata as degrees of freedom,
    as survey::svyciprop with method "logit".

    Of a `domain` w is 0 elsewhere, while n_h counts all clusters that were drawn: how many posts of a stratum
    fall into the domain was left to chance, too (Särndal et al. 1992, section 5.8; Cochran 1977, Sampling
    Techniques, section 5A.14; R's subset of a survey design). Its degrees of freedom are of the clusters and
    strata that have posts in it.

    Args:
        carries: y, shape (posts,): whether each post carries the code, as 0 or 1.
        weights: w, shape (posts,), such as one over the probability of having been drawn; posts of weight 0
            are left out. Equal without.
        clusters: the cluster of each post, numbered from 0, shape (posts,); each post its own without.
        strata: the stratum of each post, numbered from 0, shape (posts,); one for all without.
        population_clusters: N_h, shape (strata,), how many clusters (or posts, without clusters) each stratum
            has; endlessly many without (no finite population correction).
        confidence: the coverage aimed at, between 0 and 1.
        domain: which of the posts the share is of, shape (posts,); all without.

    Returns:
        Without posts everything is undefined; with a stratum of a single cluster, unless it is the only one
        there is, the standard error and interval are. Where v = 0 because nothing varies, the standard error
        is undefined, and the interval is Wilson's with `effective_size` of the weighted clusters, which errs
        on the wide side. A census has an interval without width.

    Raises:
        ValueError: when shapes or ranges are not kept, or a cluster lies in two strata.
    """
    check_confidence(confidence)
    return _estimated(_totals(carries, weights, clusters, strata, population_clusters, domain), confidence)


def _estimated(totals: _Totals, confidence: float) -> DesignEstimate:
    if not totals.size.any():
        return DesignEstimate(None, None, None, 0, LINEARISED, _NO_POST)
    if (totals.sampled[totals.stratum] == 1).all():
        certain = (totals.share, totals.share)
        return DesignEstimate(totals.share, 0.0, certain, totals.degrees, LINEARISED, CENSUS)
    single = _single(totals)
    if single:
        return DesignEstimate(totals.share, None, None, totals.degrees, LINEARISED, single)
    return _around(totals, confidence)


def _around(totals: _Totals, confidence: float) -> DesignEstimate:
    error = math.sqrt(_variance(totals))
    # Sums of weights are exact but for their last digits, so that 0 may come out as 1e-17.
    if error < 1e-12:
        return _without_spread(totals, confidence)
    interval = logit_interval(totals.share, error, totals.degrees, confidence)
    return DesignEstimate(totals.share, error, interval, totals.degrees, LINEARISED)


def _totals(
    carries: ArrayLike,
    weights: ArrayLike | None,
    clusters: ArrayLike | None,
    strata: ArrayLike | None,
    population_clusters: Sequence[int] | None,
    domain: ArrayLike | None,
) -> _Totals:
    y = shares(carries, "whether a post carries the code")
    w = np.ones(y.size) if weights is None else not_negative(weights, "a weight")
    cluster = np.arange(y.size) if clusters is None else numbered(clusters, "a cluster")
    stratum = np.zeros(y.size, dtype=np.int64) if strata is None else numbered(strata, "a stratum")
    within = np.ones(y.size, dtype=np.bool_) if domain is None else np.asarray(domain, dtype=np.bool_)
    same_length([y, w, cluster, stratum, within], "carries, weights, clusters, strata and domain")
    kept = w > 0
    y, w, stratum = y[kept], np.where(within, w, 0.0)[kept], stratum[kept]
    names, first, of = np.unique(cluster[kept], return_index=True, return_inverse=True)
    if (stratum[first][of] != stratum).any():
        raise ValueError("a cluster lies in one stratum only; number clusters of different strata apart")
    carrying, size = np.bincount(of, w * y, names.size), np.bincount(of, w, names.size)
    return _Totals(
        carrying.astype(float),
        size.astype(float),
        stratum[first],
        _sampled(stratum[first], population_clusters),
    )


def _sampled(stratum: IntArray, population_clusters: Sequence[int] | None) -> FloatArray:
    drawn = np.bincount(stratum)
    if population_clusters is None:
        return np.zeros(drawn.size)
    there = not_negative(population_clusters, "a number of clusters")
    if there.size < drawn.size:
        raise ValueError("population_clusters has a number for every stratum")
    there = there[: drawn.size]
    if (drawn > there).any():
        raise ValueError("there cannot be more clusters in the sample than in the population")
    return drawn / np.maximum(there, 1)


def _single(totals: _Totals) -> str | None:
    strata = int((totals.filled > 0).sum())
    alone = (totals.per_stratum == 1) & (totals.filled > 0) & (totals.sampled < 1)
    if totals.degrees < 1 and not alone.any():
        # Others were drawn beside them, but all of the domain that there are stand alone.
        alone = totals.filled > 0
    if not alone.any():
        return None
    return _ONE_CLUSTER if strata == 1 else lonely(int(alone.sum()), strata, "cluster")


def _variance(totals: _Totals) -> float:
    drawn = np.maximum(totals.per_stratum, 1)
    z = (totals.carrying - totals.share * totals.size) / totals.size.sum()
    mean = np.bincount(totals.stratum, z) / drawn
    squares = np.bincount(totals.stratum, np.square(z - mean[totals.stratum]))
    # A stratum of the one cluster there is is certain: 1 - sampled = 0, whatever stands beside it.
    return float(((1 - totals.sampled) * drawn / np.maximum(drawn - 1, 1) * squares).sum())


def _without_spread(totals: _Totals, confidence: float) -> DesignEstimate:
    n = effective_size(totals.size)
    interval = wilson_interval(min(totals.share * n, n), n, confidence)
    return DesignEstimate(totals.share, None, interval, totals.degrees, WILSON_EFFECTIVE, _NO_SPREAD)

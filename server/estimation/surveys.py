"""Shares under a general design: posts that weigh unequally, in clusters, in strata, or all of these."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from server.estimation.arrays import FloatArray, IntArray, not_negative, numbered, same_length, shares
from server.estimation.clusters import WILSON_EFFECTIVE, effective_size
from server.estimation.effective import BinomialInterval, effective_number
from server.estimation.limits import check_confidence, logit_interval
from server.estimation.proportions import wilson_interval
from server.estimation.strata import CENSUS, DesignEstimate, lonely
from server.language import N_

LINEARISED = N_("Taylor linearisation of the weighted share, logit scale")
EFFECTIVE = N_("a binomial interval with the effective number of posts")

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
    that was drawn, 0 without finite population correction. `posts` of the domain count.
    """

    carrying: FloatArray
    size: FloatArray
    stratum: IntArray
    sampled: FloatArray
    posts: int

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
    population_clusters: Sequence[float] | None = None,
    confidence: float = 0.95,
    domain: ArrayLike | None = None,
    interval: BinomialInterval | None = None,
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

    With a binomial `interval` the limits are its own at the effective number of posts, `_effective_posts`.

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
        interval: of successes, n and confidence, which takes parts of posts; limits on the logit scale
            without.

    Returns:
        Without posts everything is undefined; with a stratum of a single cluster, unless it is the only one
        there is, the standard error and interval are. Where v = 0 because nothing varies, the standard error
        is undefined, and the interval is Wilson's, or the one given, with `effective_size` of the weighted
        clusters, which errs on the wide side. A census has an interval without width.

    Raises:
        ValueError: when shapes or ranges are not kept, or a cluster lies in two strata.
    """
    check_confidence(confidence)
    totals = _totals(carries, weights, clusters, strata, population_clusters, domain)
    return _estimated(totals, confidence, interval)


def _estimated(totals: _Totals, confidence: float, interval: BinomialInterval | None) -> DesignEstimate:
    if not totals.size.any():
        return DesignEstimate(None, None, None, 0, LINEARISED, _NO_POST)
    if (totals.sampled[totals.stratum] == 1).all():
        certain = (totals.share, totals.share)
        return DesignEstimate(totals.share, 0.0, certain, totals.degrees, LINEARISED, CENSUS)
    single = _single(totals)
    if single:
        return DesignEstimate(totals.share, None, None, totals.degrees, LINEARISED, single)
    return _around(totals, confidence, interval)


def _around(totals: _Totals, confidence: float, interval: BinomialInterval | None) -> DesignEstimate:
    error = math.sqrt(_variance(totals))
    # Sums of weights are exact but for their last digits, so that 0 may come out as 1e-17.
    if error < 1e-12:
        return _without_spread(totals, confidence, interval or wilson_interval)
    if interval is None:
        limits = logit_interval(totals.share, error, totals.degrees, confidence)
        return DesignEstimate(totals.share, error, limits, totals.degrees, LINEARISED)
    n = _effective_posts(totals, error, confidence)
    limits = interval(min(totals.share * n, n), n, confidence)
    return DesignEstimate(totals.share, error, limits, totals.degrees, EFFECTIVE)


def _effective_posts(totals: _Totals, error: float, confidence: float) -> float:
    """n*, so that the limits are those of p n* of n* posts.

    Of endlessly many posts n* = p(1-p)/v · (t_{n-1} / t_d)² with d degrees of freedom, at most the n posts
    that count, as a design effect below 1 is seldom more than luck (Korn & Graubard 1998, Survey Methodology
    24:193-201, for Clopper & Pearson's, as survey::svyciprop with method "beta", without the limit; Franco,
    Little, Louis & Slud 2019, J. Survey Statistics and Methodology 7:334-364, for Wilson's and Jeffreys';
    Parker et al. 2017, Vital and Health Statistics 2:175, for the limit). The finite population correction
    divides that by the part of v that it leaves, as `drawn_interval` does.
    """
    endless = math.sqrt(_variance(replace(totals, sampled=np.zeros_like(totals.sampled))))
    n = effective_number(totals.share, endless, totals.posts, totals.degrees, confidence)
    return n * (endless / error) ** 2


def _totals(
    carries: ArrayLike,
    weights: ArrayLike | None,
    clusters: ArrayLike | None,
    strata: ArrayLike | None,
    population_clusters: Sequence[float] | None,
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
        int(np.count_nonzero(w)),
    )


def _sampled(stratum: IntArray, population_clusters: Sequence[float] | None) -> FloatArray:
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


def _without_spread(totals: _Totals, confidence: float, interval: BinomialInterval) -> DesignEstimate:
    n = effective_size(totals.size)
    limits = interval(min(totals.share * n, n), n, confidence)
    method = WILSON_EFFECTIVE if interval is wilson_interval else EFFECTIVE
    return DesignEstimate(totals.share, None, limits, totals.degrees, method, _NO_SPREAD)

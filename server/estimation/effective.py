"""Binomial intervals for posts that are worth fewer, or more, than independent ones."""

from collections.abc import Callable

from server.deferred import special
from server.estimation.clusters import ClusterEstimate, Numbers, cluster_interval, effective_size
from server.estimation.limits import Interval, check_confidence

BinomialInterval = Callable[[float, float, float], Interval]


def clustered_interval(
    counts: Numbers, sizes: Numbers, interval: BinomialInterval, method: str, confidence: float = 0.95
) -> ClusterEstimate:
    """A proportion over clusters with a binomial interval at the effective number of posts.

    With v the variance of `cluster_interval`, n posts and C clusters: the interval takes p n* of n* posts,
    n* = p(1-p)/v · (t_{n-1} / t_{C-1})², t the quantiles that belong to the confidence (Korn & Graubard
    1998, Survey Methodology 24:193-201, for Clopper & Pearson's, as R's survey::svyciprop does with method
    "beta"; Dean & Pagano 2015, J. Survey Statistics and Methodology 3:484-503, for Wilson's and Jeffreys').
    n* is at most n, as the standards of the US National Center for Health Statistics have it (Parker et al.
    2017, Vital and Health Statistics 2:175). Where v = 0, n* is `effective_size`.

    Args:
        counts: posts that carry the code, shape (clusters,).
        sizes: posts, shape (clusters,).
        interval: a binomial interval, of successes, n and confidence, which takes parts of posts.
        method: what the result is to be called.
        confidence: the coverage aimed at, between 0 and 1.

    Returns:
        As `cluster_interval`: without posts, or with one cluster, there is no interval.

    Raises:
        ValueError: when shapes or ranges are not kept.
    """
    found = cluster_interval(counts, sizes, confidence)
    if found.share is None or found.interval is None:
        return ClusterEstimate(found.share, None, None, found.clusters, method, found.reason)
    posts = float(sum(sizes))
    if found.standard_error is None:
        n = effective_size([size for size in sizes if size > 0])
    else:
        n = effective_number(found.share, found.standard_error, posts, found.clusters - 1, confidence)
    limits = interval(min(found.share * n, n), n, confidence)
    return ClusterEstimate(found.share, found.standard_error, limits, found.clusters, method, found.reason)


def drawn_interval(
    count: int,
    n: int,
    sampled: float,
    interval: BinomialInterval,
    confidence: float = 0.95,
) -> Interval:
    """A binomial interval with the finite population correction, for posts drawn at random from a corpus.

    Drawing the part f of all posts without replacement leaves 1 - f of the variance (Cochran 1977, Sampling
    Techniques, section 2.6), so that n posts are worth n / (1 - f). With f = 1 all posts are known and the
    interval has no width.

    Raises ValueError when f is not above 0 and up to 1, or where `interval` does.
    """
    check_confidence(confidence)
    if not 0 < sampled <= 1:
        raise ValueError("the part that was drawn is above 0 and at most 1")
    if sampled == 1:
        return count / n, count / n
    worth = n / (1 - sampled)
    return interval(min(count / n * worth, worth), worth, confidence)


def effective_number(share: float, error: float, posts: float, degrees: int, confidence: float) -> float:
    """n* of `clustered_interval`, from a share of `posts`, its standard error and its degrees of freedom."""
    tail = 0.5 + confidence / 2
    quantiles = float(special.stdtrit(posts - 1, tail) / special.stdtrit(degrees, tail)) ** 2
    return min(share * (1 - share) / error**2 * quantiles, posts)

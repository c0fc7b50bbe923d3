"""From posts that carry a code to its share and interval, in the ways that a reader chose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from server.estimation import (
    BinomialInterval,
    DesignEstimate,
    Proportion,
    clopper_pearson_interval,
    cluster_interval,
    clustered_interval,
    drawn_interval,
    effective_number,
    effective_size,
    goodman_intervals,
    jeffreys_interval,
    proportion,
    sison_glaz_intervals,
    survey_proportion,
    wilson_interval,
)
from server.estimation.multinomial import GOODMAN
from server.language import N_
from server.results.choices import USUAL, Clustering, IntervalKind, Reach, Ways
from server.results.outcomes import Counts, Flags
from server.results.weighing import Weighing

_BINOMIAL: dict[IntervalKind, tuple[BinomialInterval, str]] = {
    IntervalKind.CLOPPER_PEARSON: (clopper_pearson_interval, N_("Clopper-Pearson, exact")),
    IntervalKind.JEFFREYS: (jeffreys_interval, N_("Jeffreys")),
}
_WILSON: tuple[BinomialInterval, str] = (wilson_interval, N_("Wilson score"))
_BY_CLUSTERS = {
    IntervalKind.CLOPPER_PEARSON: N_("Clopper-Pearson with the effective number of posts"),
    IntervalKind.JEFFREYS: N_("Jeffreys with the effective number of posts"),
}
_WILSON_BY_CLUSTERS = N_("Wilson score with the effective number of posts")
_BY_WEIGHTS = {
    IntervalKind.CLOPPER_PEARSON: N_("Clopper-Pearson with the effective number of weighed posts"),
    IntervalKind.JEFFREYS: N_("Jeffreys with the effective number of weighed posts"),
}
_WILSON_BY_WEIGHTS = N_("Wilson score with the effective number of weighed posts")
_DRAWN = {
    IntervalKind.CLOPPER_PEARSON: N_("Clopper-Pearson with the finite population correction"),
    IntervalKind.JEFFREYS: N_("Jeffreys with the finite population correction"),
}
_WILSON_DRAWN = N_("Wilson score with the finite population correction")
_NOT_BY_CLUSTERS = N_(
    "Sison-Glaz intervals take every post on its own. Authors have several, so these are Goodman's."
)
_NOT_BY_WEIGHTS = N_(
    "Sison-Glaz intervals count every post alike. Here posts weigh by how they were drawn, so these are "
    "Goodman's."
)
_NOT_DRAWN = N_("Sison-Glaz intervals know no finite population correction, so these are Goodman's.")
_GOODMAN = {
    _WILSON_BY_CLUSTERS: N_("Goodman, all codes at once, with the effective number of posts"),
    _WILSON_BY_WEIGHTS: N_("Goodman, all codes at once, with the effective number of weighed posts"),
    _WILSON_DRAWN: N_("Goodman, all codes at once, with the finite population correction"),
}
_CENSUS = N_("All posts there are were coded, so nothing was left to chance.")


class Authors:
    """Which posts have the same author, as the clusters of their shares."""

    def __init__(self, names: Sequence[str | None]) -> None:
        """`names`: the author of each post; a post without one stands for itself."""
        numbers: dict[object, int] = {}
        self.clusters = np.array(
            [numbers.setdefault(name or ("", at), len(numbers)) for at, name in enumerate(names)],
            dtype=np.int64,
        )
        self._known = np.array([bool(name) for name in names], dtype=np.bool_)
        self.n = len({name for name in names if name})
        self.n_posts = len(names)

    def repeat(self, within: Flags) -> bool:
        """Whether an author has more than one of the posts `within` (posts,)."""
        return bool((np.bincount(self.clusters[within]) > 1).any())

    @cached_property
    def posts_each(self) -> Counts:
        """How many posts the author of each post has (posts,); 0 where no author is known."""
        each = np.bincount(self.clusters)[self.clusters] if self.n_posts else np.zeros(0, dtype=np.int64)
        return np.where(self._known, each, 0)


@dataclass(frozen=True)
class Estimated:
    """A proportion, and over how many clusters its interval was made; None where posts count singly."""

    proportion: Proportion
    clusters: int | None


@dataclass(frozen=True, eq=False)
class Estimator:
    """Shares in the ways a reader chose. `sampled` is the part of the corpus that was drawn and coded.

    With `weighing` posts count by their weights.
    """

    authors: Authors
    ways: Ways = USUAL
    sampled: float = 1.0
    weighing: Weighing | None = None

    def clusters_of(self, within: Flags) -> bool:
        """Whether the interval of a share of these posts is made by clusters."""
        if self.ways.reach is Reach.CORPUS or self.ways.clusters is Clustering.NONE:
            return False
        return self.ways.clusters is Clustering.AUTHOR or self.authors.repeat(within)

    def share(self, carries: Flags, within: Flags, confidence: float = 0.95) -> Estimated:
        """The share of `carries` among `within`, both (posts,)."""
        count, n = int((carries & within).sum()), int(within.sum())
        if n and self.weighing is not None:
            return self._weighed(self.weighing, carries, within, confidence)
        if self.clusters_of(within):
            return self._by_clusters(carries, within, confidence)
        if n == 0 or self.ways.reach is Reach.CORPUS:
            return Estimated(self._drawn(count, n, confidence), None)
        interval, method = _BINOMIAL.get(self.ways.interval, _WILSON)
        return Estimated(Proportion(count, n, count / n, interval(count, n, confidence), method), None)

    def shares(self, carrying: Sequence[Flags], within: Flags) -> list[Estimated]:
        """The shares of all codes of a single choice, (codes,), with intervals for all codes at once."""
        counts = [int((carries & within).sum()) for carries in carrying]
        rest = int(within.sum()) - sum(counts)
        # What is open belongs to no code, and is a part of the whole all the same.
        of = [*counts, rest] if rest or len(counts) < 2 else counts
        is_plain = self.weighing is None and not self.clusters_of(within)
        if not is_plain or self.ways.reach is Reach.CORPUS or sum(of) == 0:
            level = 1 - 0.05 / max(len(of), 1)
            found = [self.share(carries, within, level) for carries in carrying]
            return [_as_goodman(each, self._why_goodman(within)) for each in found]
        make = goodman_intervals if self.ways.interval is IntervalKind.GOODMAN else sison_glaz_intervals
        made = make(of)
        limits = made.intervals or [None] * len(of)
        n = sum(of)
        return [
            Estimated(Proportion(count, n, count / n, limits[at], made.method, made.reason), None)
            for at, count in enumerate(counts)
        ]

    def _why_goodman(self, within: Flags) -> str | None:
        """Why Goodman's intervals stand where Sison and Glaz's were asked for."""
        if self.ways.interval is not IntervalKind.SISON_GLAZ or not within.any():
            return None
        if self.weighing is not None:
            return _NOT_BY_WEIGHTS
        if self.clusters_of(within):
            return _NOT_BY_CLUSTERS
        # Of a census no interval has a width, and its own reason says why.
        return _NOT_DRAWN if self.sampled < 1 else None

    def part(self, some: Flags, within: Flags) -> float | None:
        """How much of the posts `within` are `some`, by their weights; both (posts,). None of no posts."""
        weights = np.ones(within.size) if self.weighing is None else self.weighing.weights
        whole = float(weights[within].sum())
        return float(weights[some & within].sum()) / whole if whole else None

    def _weighed(self, weighing: Weighing, carries: Flags, within: Flags, confidence: float) -> Estimated:
        is_clustered = self.clusters_of(within)
        found = self._surveyed(weighing, carries, within, confidence)
        limits = (found.share, found.interval, found.method, found.reason)
        n_clusters = np.unique(self.authors.clusters[within]).size if is_clustered else None
        return Estimated(Proportion(int((carries & within).sum()), int(within.sum()), *limits), n_clusters)

    def _surveyed(
        self, weighing: Weighing, carries: Flags, within: Flags, confidence: float = 0.95
    ) -> DesignEstimate:
        """By the design of the draw, of which the posts `within` are a part that chance has made."""
        drawn = weighing.coded | within
        is_clustered = self.clusters_of(within)
        clusters = self.authors.clusters[drawn] if is_clustered else None
        # Authors post in several strata, so a post is of a stratum only where it stands on its own.
        strata = None if is_clustered or weighing.strata is None else weighing.strata[drawn]
        sizes = weighing.sizes if strata is not None and self.ways.reach is Reach.CORPUS else None
        how = (weighing.weights[drawn], clusters, strata, sizes, confidence, within[drawn])
        if self.ways.interval is IntervalKind.USUAL:
            return survey_proportion(carries[drawn], *how)
        interval, _method = _BINOMIAL.get(self.ways.interval, _WILSON)
        method = _BY_WEIGHTS.get(self.ways.interval, _WILSON_BY_WEIGHTS)
        return replace(survey_proportion(carries[drawn], *how, interval), method=method)

    def worth(self, carries: Flags, within: Flags) -> float:
        """For how many independent posts the posts `within` stand in the share of `carries`, both (posts,).

        n* of `effective_number`, by the variance of the share and its degrees of freedom, at most as many as
        there are; where posts do not differ, as few as their weights and authors leave.
        """
        n = float(within.sum())
        if n and self.weighing is not None:
            found = self._surveyed(self.weighing, carries, within)
            if found.share is not None and found.standard_error:
                return effective_number(found.share, found.standard_error, n, found.degrees, 0.95)
            of = self.authors.clusters if self.clusters_of(within) else np.arange(within.size)
            return effective_size(np.bincount(of, np.where(within, self.weighing.weights, 0.0)))
        if self.clusters_of(within):
            return effective_posts(carries[within], self.authors.clusters[within])
        return n

    def _by_clusters(self, carries: Flags, within: Flags, confidence: float) -> Estimated:
        posts = np.bincount(self.authors.clusters[within])
        yes = np.bincount(self.authors.clusters[carries & within], minlength=posts.size)
        yes, posts = yes[posts > 0], posts[posts > 0]
        if self.ways.interval is IntervalKind.USUAL:
            found = cluster_interval(yes, posts, confidence)
        else:
            method = _BY_CLUSTERS.get(self.ways.interval, _WILSON_BY_CLUSTERS)
            interval, _method = _BINOMIAL.get(self.ways.interval, _WILSON)
            found = clustered_interval(yes, posts, interval, method, confidence)
        limits = (found.interval, found.method, found.reason)
        return Estimated(Proportion(int(yes.sum()), int(posts.sum()), found.share, *limits), found.clusters)

    def _drawn(self, count: int, n: int, confidence: float) -> Proportion:
        if n == 0:
            return proportion(count, 0)
        interval, _method = _BINOMIAL.get(self.ways.interval, _WILSON)
        limits = drawn_interval(count, n, self.sampled, interval, confidence)
        method = _DRAWN.get(self.ways.interval, _WILSON_DRAWN)
        return Proportion(count, n, count / n, limits, method, _CENSUS if self.sampled == 1 else None)


def effective_posts(carries: Flags, clusters: Counts) -> float:
    """For how many independent posts those of authors stand: n* of `clustered_interval`.

    At most as many as there are; where the authors do not differ, as few as if their posts were alike.
    """
    posts = np.bincount(clusters)
    yes = np.bincount(clusters[carries], minlength=posts.size)[posts > 0]
    found = cluster_interval(yes, posts[posts > 0])
    if found.share is None or not found.standard_error:
        return effective_size(posts[posts > 0])
    return effective_number(found.share, found.standard_error, float(posts.sum()), found.clusters - 1, 0.95)


def _as_goodman(found: Estimated, reason: str | None) -> Estimated:
    before = found.proportion
    method = _GOODMAN.get(before.method, GOODMAN)
    return Estimated(replace(before, method=method, reason=reason or before.reason), found.clusters)

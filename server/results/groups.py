"""A code in groups of posts: its share in each, how groups differ from all others, and whether they do."""

from dataclasses import dataclass, replace

import numpy as np

from server.estimation import (
    AssociationTest,
    Comparison,
    adjusted,
    compared,
    compared_by_clusters,
    independence,
    independence_by_clusters,
)
from server.estimation.arrays import FloatArray
from server.results.choices import Clustering
from server.results.estimating import Estimator
from server.results.fields import Grouping
from server.results.outcomes import Bases, Counts, Flags, has_value
from server.results.shares import Share, share_of


@dataclass(frozen=True)
class GroupLine:
    """One group. `part` is its part of all posts that carry the code.

    `against` compares it with the posts of all other groups, with `test`, whose p-value is `adjusted` for
    all groups of the table.
    """

    key: str
    label: str
    at: int | None
    share: Share
    part: float | None
    against: Comparison
    test: AssociationTest
    adjusted: float | None


@dataclass(frozen=True)
class GroupTable:
    """A code in the groups of one field. `overall` tests whether groups differ at all.

    `left_out` are posts that are coded on the code, but in no group. `clusters` are the authors of the posts
    in groups where they repeat, else None.
    """

    name: str
    lines: tuple[GroupLine, ...]
    overall: AssociationTest
    n_posts: int
    n_carrying: int
    n_unresolved: int
    left_out: int
    n_joined: int
    clusters: int | None


@dataclass(frozen=True, eq=False)
class _Counted:
    """Posts of each group that carry the code, and all of them, by clusters (groups, clusters)."""

    carrying: FloatArray
    posts: FloatArray

    @property
    def sums(self) -> tuple[Counts, Counts]:
        """The same over all clusters (groups,)."""
        return self.carrying.sum(axis=1).astype(np.int64), self.posts.sum(axis=1).astype(np.int64)


def group_table(carries: Flags, basis: Bases, grouping: Grouping, estimator: Estimator) -> GroupTable:
    """How often posts carry a code, group by group. Unresolved posts count as not carrying it."""
    coded = has_value(basis)
    within = coded & (grouping.of >= 0)
    is_clustered = estimator.clusters_of(within)
    # One way for all groups, also for those in which no author repeats.
    ways = replace(estimator.ways, clusters=Clustering.AUTHOR if is_clustered else Clustering.NONE)
    alike = replace(estimator, ways=ways)
    counted = _counted(carries, within, grouping, estimator)
    lines = _lines(carries, basis, within, grouping, alike, counted, is_clustered=is_clustered)
    _carrying, posts = counted.sums
    overall = _overall(counted, is_clustered=is_clustered)
    return GroupTable(
        name=grouping.name,
        lines=tuple(line for line, n in zip(lines, posts.tolist(), strict=True) if n),
        overall=overall,
        n_posts=int(posts.sum()),
        n_carrying=int(_carrying.sum()),
        n_unresolved=sum(line.share.unresolved for line in lines),
        left_out=int(coded.sum() - within.sum()),
        n_joined=grouping.n_joined,
        clusters=counted.posts.shape[1] if is_clustered else None,
    )


def _counted(carries: Flags, within: Flags, grouping: Grouping, estimator: Estimator) -> _Counted:
    _names, cluster = np.unique(estimator.authors.clusters[within], return_inverse=True)
    shape = (len(grouping.keys), int(cluster.max(initial=-1)) + 1)
    key = grouping.of[within] * shape[1] + cluster.reshape(-1)
    size = shape[0] * shape[1]
    yes = np.bincount(key[carries[within]], minlength=size).astype(float).reshape(shape)
    return _Counted(yes, np.bincount(key, minlength=size).astype(float).reshape(shape))


def _overall(counted: _Counted, *, is_clustered: bool) -> AssociationTest:
    if is_clustered:
        return independence_by_clusters(counted.carrying, counted.posts)
    carrying, posts = counted.sums
    return independence(carrying.tolist(), posts.tolist())


def _lines(
    carries: Flags,
    basis: Bases,
    within: Flags,
    grouping: Grouping,
    estimator: Estimator,
    counted: _Counted,
    *,
    is_clustered: bool,
) -> list[GroupLine]:
    halves = [_half(counted, place) for place in range(len(grouping.keys))]
    tests = [_overall(half, is_clustered=is_clustered) for half in halves]
    family = adjusted([test.p_value for test in tests])
    total = int(counted.carrying.sum())
    found = []
    for place, half in enumerate(halves):
        here = within & (grouping.of == place)
        share = share_of(carries & here, basis, estimator, of_carriers=False, within=here)
        found.append(
            GroupLine(
                key=grouping.keys[place],
                label=grouping.labels[place],
                at=grouping.at[place] if grouping.at else None,
                share=share,
                part=share.count / total if total else None,
                against=_compared(half, is_clustered=is_clustered),
                test=tests[place],
                adjusted=family[place],
            )
        )
    return found


def _half(counted: _Counted, place: int) -> _Counted:
    """A group, and all others as one."""
    return _Counted(*(_against_rest(each, place) for each in (counted.carrying, counted.posts)))


def _against_rest(counts: FloatArray, place: int) -> FloatArray:
    return np.stack([counts[place], counts.sum(axis=0) - counts[place]])


def _compared(half: _Counted, *, is_clustered: bool) -> Comparison:
    if is_clustered:
        yes, all_ = half.carrying, half.posts
        return compared_by_clusters((yes[0], yes[1]), (all_[0], all_[1]))
    (a, c), (n, m) = (each.tolist() for each in half.sums)
    return compared((a, c), (n, m))

"""A code in groups of posts: its share in each, how groups differ from all others, and whether they do."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from server.estimation import (
    AssociationTest,
    Comparison,
    Design,
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
from server.results.weighing import Floats, Weighing


@dataclass(frozen=True)
class GroupLine:
    """One group. `part` is its part of all posts that carry the code, by their weights.

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
    """Posts of each group that carry the code, and all of them, by clusters (groups, clusters).

    They are sums of weights where posts weigh unequally; `design` says how posts that stand singly were drawn
    then. `is_plain` where every post counts the same and stands on its own.
    """

    carrying: FloatArray
    posts: FloatArray
    design: Design | None
    is_plain: bool

    @property
    def sums(self) -> tuple[Counts, Counts]:
        """How many posts they are over all clusters (groups,), where these are counts."""
        return self.carrying.sum(axis=1).astype(np.int64), self.posts.sum(axis=1).astype(np.int64)

    @property
    def parts(self) -> FloatArray:
        """Which part of all that carry the code each group has (groups,); nothing where none does."""
        alike = np.ones(self.posts.shape[1]) if self.design is None else self.design.alike
        carrying = self.carrying @ alike
        return np.asarray(carrying / carrying.sum()) if carrying.any() else np.zeros(0)


def group_table(carries: Flags, basis: Bases, grouping: Grouping, estimator: Estimator) -> GroupTable:
    """How often posts carry a code, group by group. Unresolved posts count as not carrying it."""
    coded = has_value(basis)
    within = coded & (grouping.of >= 0)
    is_clustered = estimator.clusters_of(within)
    # One way for all groups, also for those in which no author repeats.
    ways = replace(estimator.ways, clusters=Clustering.AUTHOR if is_clustered else Clustering.NONE)
    alike = replace(estimator, ways=ways)
    counted = _counted(carries, within, grouping, alike, is_clustered=is_clustered)
    lines = [line for line in _lines(carries, basis, within, grouping, alike, counted) if _has_posts(line)]
    return GroupTable(
        name=grouping.name,
        lines=tuple(lines),
        overall=_overall(counted),
        n_posts=int(within.sum()),
        n_carrying=int((carries & within).sum()),
        n_unresolved=sum(line.share.unresolved for line in lines),
        left_out=int(coded.sum() - within.sum()),
        n_joined=grouping.n_joined,
        clusters=counted.posts.shape[1] if is_clustered else None,
    )


def _has_posts(line: GroupLine) -> bool:
    return line.share.denominator > 0


def _counted(
    carries: Flags, within: Flags, grouping: Grouping, estimator: Estimator, *, is_clustered: bool
) -> _Counted:
    weighing = estimator.weighing
    if weighing is not None and not is_clustered:
        return _by_patterns(carries, within, grouping, weighing)
    _names, cluster = np.unique(estimator.authors.clusters[within], return_inverse=True)
    shape = (len(grouping.keys), int(cluster.max(initial=-1)) + 1)
    key = grouping.of[within] * shape[1] + cluster.reshape(-1)
    weights = np.ones(key.size) if weighing is None else _of_as_many(weighing, within)[within]
    yes = carries[within]
    size = shape[0] * shape[1]
    carrying = np.bincount(key[yes], weights[yes], minlength=size).astype(float).reshape(shape)
    posts = np.bincount(key, weights, minlength=size).astype(float).reshape(shape)
    return _Counted(carrying, posts, None, is_plain=not is_clustered)


def _of_as_many(weighing: Weighing, within: Flags) -> Floats:
    """The weights, such that those of the posts `within` add up to their number."""
    total = weighing.weights[within].sum()
    return np.asarray(weighing.weights * within.sum() / total) if total else weighing.weights


def _by_patterns(carries: Flags, within: Flags, grouping: Grouping, weighing: Weighing) -> _Counted:
    """Posts that are alike in group, code, weight and stratum as one row.

    Those in no group were drawn as well.
    """
    drawn = weighing.coded | within
    strata = np.zeros(drawn.size, dtype=np.int64) if weighing.strata is None else weighing.strata
    group, weight = np.where(within, grouping.of, -1), np.where(within, _of_as_many(weighing, within), 0.0)
    columns = np.stack([group, carries & within, weight, strata], axis=1)[drawn]
    rows, n = np.unique(columns, axis=0, return_counts=True)
    posts = (rows[:, 0] == np.arange(len(grouping.keys))[:, None]) * rows[:, 2]
    return _Counted(posts * rows[:, 1], posts, Design(rows[:, 3].astype(np.int64), n), is_plain=False)


def _overall(counted: _Counted) -> AssociationTest:
    if not counted.is_plain:
        return independence_by_clusters(counted.carrying, counted.posts, counted.design)
    carrying, posts = counted.sums
    return independence(carrying.tolist(), posts.tolist())


def _lines(
    carries: Flags,
    basis: Bases,
    within: Flags,
    grouping: Grouping,
    estimator: Estimator,
    counted: _Counted,
) -> Iterator[GroupLine]:
    halves = [_half(counted, place) for place in range(len(grouping.keys))]
    tests = [_overall(half) for half in halves]
    family, parts = adjusted([test.p_value for test in tests]), counted.parts.tolist()
    for place, half in enumerate(halves):
        here = within & (grouping.of == place)
        yield GroupLine(
            key=grouping.keys[place],
            label=grouping.labels[place],
            at=grouping.at[place] if grouping.at else None,
            share=share_of(carries & here, basis, estimator, of_carriers=False, within=here),
            part=parts[place] if parts else None,
            against=_compared(half),
            test=tests[place],
            adjusted=family[place],
        )


def _half(counted: _Counted, place: int) -> _Counted:
    """A group, and all others as one."""
    carrying, posts = (_against_rest(each, place) for each in (counted.carrying, counted.posts))
    return replace(counted, carrying=carrying, posts=posts)


def _against_rest(counts: FloatArray, place: int) -> FloatArray:
    # Summed anew, not taken off the whole: weights would leave crumbs where there is nothing.
    return np.stack([counts[place], counts[:place].sum(axis=0) + counts[place + 1 :].sum(axis=0)])


def _compared(half: _Counted) -> Comparison:
    if not half.is_plain:
        yes, all_ = half.carrying, half.posts
        return compared_by_clusters((yes[0], yes[1]), (all_[0], all_[1]), design=half.design)
    (a, c), (n, m) = (each.tolist() for each in half.sums)
    return compared((a, c), (n, m))

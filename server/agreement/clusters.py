"""Which author wrote the posts of which pattern.

Posts of one author resemble each other, so an honest interval draws authors, not posts. What a draw needs
to know of an author is how many posts of each pattern are theirs.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from server.agreement.arrays import BoolArray, FloatArray, IntArray, Whole, same_length, whole_numbers
from server.agreement.lists import distinct_lists, distinct_rows, n_distinct
from server.agreement.sparse import SparseCounts

# Drawing how many clusters of a kind come up takes as long as drawing so many clusters one by one.
_CLUSTERS_A_KIND = 32
# Up to so many patterns clusters are compared in a table.
_WIDEST = 32


@dataclass(frozen=True, eq=False)
class ClusterWeights:
    """`frequency[e]` posts of pattern `pattern[e]` belong to cluster `cluster[e]`; clusters need no order.

    Where the same posts by the same clusters are looked at in several ways, `source` is the one of which
    all others are merged.
    """

    cluster: IntArray
    pattern: IntArray
    frequency: IntArray
    source: "ClusterWeights | None" = None
    _profiles: "dict[int, Profiles]" = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("cluster", "pattern", "frequency"):
            object.__setattr__(self, name, whole_numbers(getattr(self, name), name))
        same_length([self.cluster, self.pattern, self.frequency], "cluster, pattern and frequency")
        held = self.frequency > 0
        if not held.all():
            for name in ("cluster", "pattern", "frequency"):
                object.__setattr__(self, name, getattr(self, name)[held])

    @classmethod
    def of_units(cls, unit: Whole, cluster: IntArray, pattern_of_unit: IntArray) -> "ClusterWeights":
        """Clusters of posts from codings: coding i is of post `unit[i]` (from 0) by author `cluster[i]`."""
        same_length([unit, cluster], "unit and cluster")
        owner = np.zeros(len(pattern_of_unit), dtype=np.int64)
        owner[unit] = cluster
        if (owner[unit] != cluster).any():
            raise ValueError("A post cannot belong to two clusters.")
        return cls(owner, pattern_of_unit, np.ones(len(owner), dtype=np.int64))

    def merged(self, number: IntArray) -> "ClusterWeights":
        """The clusters when pattern p becomes pattern `number[p]`."""
        return ClusterWeights(self.owner, number[self.pattern], self.frequency, self.source or self)

    def only(self, patterns: BoolArray) -> "ClusterWeights":
        """The posts of the marked patterns; drawn apart where some clusters have none of them."""
        kept = patterns[self.pattern]
        owner = self.owner[kept]
        source = (self.source or self) if n_distinct(owner) == self.n_clusters else None
        return ClusterWeights(owner, self.pattern[kept], self.frequency[kept], source)

    @cached_property
    def owner(self) -> IntArray:
        """The cluster of each entry, numbered from 0 in the order of their names."""
        if self.source is not None:
            return self.cluster  # Whatever is merged goes by the numbers of its source already.
        return np.unique(self.cluster, return_inverse=True)[1].reshape(-1)

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.owner.max(initial=-1)) + 1

    def belong_to(self, frequencies: IntArray) -> bool:
        """Whether these clusters hold exactly the posts that `frequencies` (n_patterns) counts."""
        totals = np.zeros(max(len(frequencies), int(self.pattern.max(initial=-1)) + 1), dtype=np.int64)
        np.add.at(totals, self.pattern, self.frequency)
        return len(totals) == len(frequencies) and bool((totals == frequencies).all())

    def count(self, patterns: BoolArray) -> int:
        """How many clusters hold a post of one of the marked patterns."""
        return self.profiles(len(patterns)).count(patterns)

    def profiles(self, n_patterns: int) -> "Profiles":
        """What each kind of cluster has of `n_patterns` patterns."""
        if n_patterns not in self._profiles:
            self._profiles[n_patterns] = self._of_kinds(self._drawn_kinds, n_patterns)
        return self._profiles[n_patterns]

    def _of_kinds(self, kinds: "Kinds", n_patterns: int) -> "Profiles":
        shown = kinds.is_example[self.owner]
        posts = SparseCounts(
            row=self.pattern[shown],
            column=kinds.kind[self.owner[shown]],
            value=self.frequency[shown],
            shape=(n_patterns, len(kinds.frequencies)),
        )
        return Profiles(posts, kinds, is_shared=self.source is not None and kinds is self.source.kinds)

    @property
    def _drawn_kinds(self) -> "Kinds":
        """Own kinds where they are few; else those of the source, which are drawn once for all."""
        if self.source is None:
            return self.kinds
        are_few = self._width <= _WIDEST and self.kinds.number * _CLUSTERS_A_KIND <= self.n_clusters
        return self.kinds if are_few else self.source.kinds

    @cached_property
    def kinds(self) -> "Kinds":
        """The clusters sorted into kinds, by content and not by name."""
        kind, example = self._alike_in_table() if self._width <= _WIDEST else self._alike_in_lists()
        is_example = np.zeros(self.n_clusters, dtype=np.bool_)
        is_example[example] = True
        return Kinds(kind, is_example, np.bincount(kind, minlength=len(example)))

    @cached_property
    def _width(self) -> int:
        return int(self.pattern.max(initial=0)) + 1

    def _alike_in_table(self) -> tuple[IntArray, IntArray]:
        """The kind of each cluster, and one cluster of each kind."""
        # The last pattern first: clusters of one post are then in the order of their patterns.
        place = (self.owner + 1) * self._width - 1 - self.pattern
        table = np.bincount(place, self.frequency, minlength=self.n_clusters * self._width)
        found, kind = distinct_rows(table.astype(np.int64).reshape(self.n_clusters, self._width))
        example = np.zeros(len(found), dtype=np.int64)
        example[kind] = np.arange(self.n_clusters)
        return kind, example

    def _alike_in_lists(self) -> tuple[IntArray, IntArray]:
        """As `_alike_in_table`, where most of the table would be empty."""
        distinct, entry = distinct_rows(np.stack([self.owner, self.pattern], axis=1))
        totals = np.zeros(len(distinct), dtype=np.int64)
        np.add.at(totals, entry, self.frequency)
        return distinct_lists(distinct[:, 0], np.column_stack([distinct[:, 1], totals]))


@dataclass(frozen=True, eq=False)
class Kinds:
    """Clusters that hold the same posts pattern by pattern are one kind; most authors wrote one post.

    `kind` and `is_example` (n_clusters) say of which kind each is, and whether it is the one that is looked
    at for its kind; `frequencies` (n_kinds) counts the clusters. `drawn` keeps resamples for the next who
    asks, by seed and number.
    """

    kind: IntArray
    is_example: BoolArray
    frequencies: IntArray
    drawn: dict[tuple[int, int], Whole] = field(default_factory=dict)

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return len(self.kind)

    @property
    def number(self) -> int:
        """How many kinds there are."""
        return len(self.frequencies)


@dataclass(frozen=True, eq=False)
class Profiles:
    """`posts` (n_patterns × n_kinds): the posts of each pattern in a cluster of each kind.

    `is_shared`: other ways to look at the same clusters have the same kinds.
    """

    posts: SparseCounts
    kinds: Kinds
    is_shared: bool = False

    @property
    def most(self) -> int:
        """No cluster has more posts."""
        n_posts = np.bincount(self.posts.column, self.posts.value)
        return int(n_posts.max(initial=0))

    def count(self, patterns: BoolArray) -> int:
        """How many clusters hold a post of one of the marked patterns."""
        holds = np.zeros(self.kinds.number, dtype=np.bool_)
        holds[self.posts.column[patterns[self.posts.row]]] = True
        return int(self.kinds.frequencies[holds].sum())

    def sums(self, of_patterns: FloatArray) -> FloatArray:
        """The sum over the posts of a cluster of each kind (n_kinds) of what each pattern stands for."""
        of_posts = of_patterns[self.posts.row] * self.posts.value
        return np.bincount(self.posts.column, of_posts, minlength=self.kinds.number).astype(np.float64)

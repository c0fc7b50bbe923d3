"""Which author wrote the posts of which pattern.

Posts of one author resemble each other, so an honest interval draws authors, not posts. What a draw needs
to know of an author is how many posts of each pattern are theirs.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from server.agreement.arrays import BoolArray, IntArray, Numbers, Whole, same_length, whole_numbers
from server.agreement.lists import distinct_lists, distinct_rows, n_distinct
from server.agreement.sparse import SparseCounts


@dataclass(frozen=True, eq=False)
class ClusterWeights:
    """`frequency[e]` posts of pattern `pattern[e]` belong to cluster `cluster[e]`; clusters need no order.

    Where the same posts by the same clusters are looked at in several ways, `source` is the one of which
    all others are merged: whatever has a source is resampled together with it.
    """

    cluster: IntArray
    pattern: IntArray
    frequency: IntArray
    source: "ClusterWeights | None" = None

    def __post_init__(self) -> None:
        for name in ("cluster", "pattern", "frequency"):
            object.__setattr__(self, name, whole_numbers(getattr(self, name), name))
        same_length([self.cluster, self.pattern, self.frequency], "cluster, pattern and frequency")

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
        return ClusterWeights(self.cluster, number[self.pattern], self.frequency, self.source or self)

    def only(self, patterns: BoolArray) -> "ClusterWeights":
        """The posts of the marked patterns; drawn apart where some clusters have none of them."""
        kept = patterns[self.pattern]
        clusters = self.cluster[kept]
        are_all = n_distinct(clusters) == len((self.source or self).kinds.clusters)
        source = (self.source or self) if are_all else None
        return ClusterWeights(clusters, self.pattern[kept], self.frequency[kept], source)

    def belong_to(self, frequencies: IntArray) -> bool:
        """Whether these clusters hold exactly the posts that `frequencies` (n_patterns) counts."""
        totals = np.zeros(max(len(frequencies), int(self.pattern.max(initial=-1)) + 1), dtype=np.int64)
        np.add.at(totals, self.pattern, self.frequency)
        return len(totals) == len(frequencies) and bool((totals == frequencies).all())

    def count(self, patterns: BoolArray) -> int:
        """How many clusters hold a post of one of the marked patterns."""
        held = patterns[self.pattern] & (self.frequency > 0)
        return n_distinct(self.cluster[held])

    def profiles(self, n_patterns: int) -> "Profiles":
        """What each kind of cluster has of `n_patterns` patterns."""
        kinds = (self.source or self).kinds
        held = self.frequency > 0
        owner = np.searchsorted(kinds.clusters, self.cluster[held])
        shown = kinds.is_example[owner]
        posts = SparseCounts(
            row=self.pattern[held][shown],
            column=kinds.kind[owner[shown]],
            value=self.frequency[held][shown],
            shape=(n_patterns, len(kinds.frequencies)),
        )
        return Profiles(posts, kinds)

    @cached_property
    def kinds(self) -> "Kinds":
        """The clusters sorted into kinds, by content and not by name."""
        entries = self._entries()
        clusters, owner = np.unique(entries[:, 0], return_inverse=True)
        kind, holder = distinct_lists(owner.reshape(-1), entries[:, 1:])
        is_example = np.zeros(len(clusters), dtype=np.bool_)
        is_example[holder] = True
        return Kinds(clusters, kind, is_example, np.bincount(kind, minlength=len(holder)))

    def _entries(self) -> IntArray:
        """The rows (cluster, pattern, frequency), sorted, each place once and none empty."""
        held = self.frequency > 0
        distinct, entry = distinct_rows(np.stack([self.cluster[held], self.pattern[held]], axis=1))
        totals = np.zeros(len(distinct), dtype=np.int64)
        np.add.at(totals, entry, self.frequency[held])
        return np.column_stack([distinct, totals])


@dataclass(frozen=True, eq=False)
class Kinds:
    """Clusters that hold the same posts pattern by pattern are one kind; most authors wrote one post.

    `clusters` ascend; `kind` and `is_example` (n_clusters) say of which kind each is, and whether it is the
    one that is looked at for its kind; `frequencies` (n_kinds) counts the clusters. `drawn` keeps resamples
    for the next who asks, by seed and number.
    """

    clusters: IntArray
    kind: IntArray
    is_example: BoolArray
    frequencies: IntArray
    drawn: dict[tuple[int, int], Numbers] = field(default_factory=dict)

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return len(self.clusters)


@dataclass(frozen=True, eq=False)
class Profiles:
    """`posts` (n_patterns × n_kinds): the posts of each pattern in a cluster of each kind."""

    posts: SparseCounts
    kinds: Kinds

    @property
    def most(self) -> int:
        """No cluster has more posts."""
        n_posts = np.bincount(self.posts.column, self.posts.value)
        return int(n_posts.max(initial=0))

"""Which author wrote the posts of which pattern.

Posts of one author resemble each other, so an honest interval draws authors, not posts. What a draw needs
to know of an author is how many posts of each pattern are theirs.
"""

from dataclasses import dataclass

import numpy as np

from server.agreement.arrays import BoolArray, IntArray, same_length, whole_numbers
from server.agreement.lists import distinct_lists
from server.agreement.sparse import SparseCounts


@dataclass(frozen=True, eq=False)
class ClusterWeights:
    """`frequency[e]` posts of pattern `pattern[e]` belong to cluster `cluster[e]`; clusters need no order."""

    cluster: IntArray
    pattern: IntArray
    frequency: IntArray

    def __post_init__(self) -> None:
        for name in ("cluster", "pattern", "frequency"):
            object.__setattr__(self, name, whole_numbers(getattr(self, name), name))
        same_length([self.cluster, self.pattern, self.frequency], "cluster, pattern and frequency")

    @classmethod
    def of_units(cls, unit: IntArray, cluster: IntArray, pattern_of_unit: IntArray) -> "ClusterWeights":
        """Clusters of posts from codings: coding i is of post `unit[i]` (from 0) by author `cluster[i]`."""
        same_length([unit, cluster], "unit and cluster")
        owner = np.zeros(len(pattern_of_unit), dtype=np.int64)
        owner[unit] = cluster
        if (owner[unit] != cluster).any():
            raise ValueError("A post cannot belong to two clusters.")
        return cls(owner, pattern_of_unit, np.ones(len(owner), dtype=np.int64))

    def belong_to(self, frequencies: IntArray) -> bool:
        """Whether these clusters hold exactly the posts that `frequencies` (n_patterns) counts."""
        totals = np.zeros(max(len(frequencies), int(self.pattern.max(initial=-1)) + 1), dtype=np.int64)
        np.add.at(totals, self.pattern, self.frequency)
        return len(totals) == len(frequencies) and bool((totals == frequencies).all())

    def count(self, patterns: BoolArray) -> int:
        """How many clusters hold a post of one of the marked patterns."""
        held = patterns[self.pattern] & (self.frequency > 0)
        return len(np.unique(self.cluster[held]))

    def profiles(self, n_patterns: int) -> "Profiles":
        """The distinct kinds of clusters over `n_patterns` patterns."""
        entries = self._entries()
        owner = np.unique(entries[:, 0], return_inverse=True)[1].reshape(-1)
        profile, holder = distinct_lists(owner, entries[:, 1:])
        shown = np.isin(owner, holder)
        posts = SparseCounts(
            row=entries[shown, 1],
            column=profile[owner[shown]],
            value=entries[shown, 2],
            shape=(n_patterns, len(holder)),
        )
        return Profiles(posts, np.bincount(profile, minlength=len(holder)))

    def _entries(self) -> IntArray:
        """The rows (cluster, pattern, frequency), sorted, each place once and none empty."""
        held = self.frequency > 0
        places = np.stack([self.cluster[held], self.pattern[held]], axis=1)
        distinct, entry = np.unique(places, axis=0, return_inverse=True)
        totals = np.zeros(len(distinct), dtype=np.int64)
        np.add.at(totals, entry.reshape(-1), self.frequency[held])
        return np.column_stack([distinct, totals])


@dataclass(frozen=True, eq=False)
class Profiles:
    """Clusters that hold the same posts pattern by pattern are one profile; most authors wrote one post.

    `posts` is (n_patterns × n_profiles): the posts of each pattern in a cluster of that profile;
    `frequencies` (n_profiles) counts the clusters.
    """

    posts: SparseCounts
    frequencies: IntArray

"""Posts grouped by who answered what about them, and what each coefficient needs of that.

A category is whatever one annotator's whole answer was: a code, a number, or a set of codes. So the same
few arrays serve every kind of variable: counts of categories, one code against the rest, whole sets, pairs.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from server.agreement import ClusterWeights, CountPatterns, Extent, PairTable, RaterPatterns, SetPatterns
from server.agreement.lists import distinct_rows

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NOBODY = -1


@dataclass(frozen=True, eq=False)
class AnswerPatterns:
    """Posts that the same annotators answered alike are one row.

    `members` and `answers` (n_rows × most annotators of a post) say who gave which category (from 0), both
    `NOBODY` where nobody did; `frequency` (n_rows) counts the posts. `cluster` (n_rows) is the author, or
    `NOBODY` for posts each of which is the only one of its author.
    """

    members: Ints
    answers: Ints
    frequency: Ints
    cluster: Ints

    @cached_property
    def clusters(self) -> ClusterWeights | None:
        """Whose the posts of each row are; None where no author has a second post."""
        if not self._authors_repeat:
            return None
        alone = self.cluster == NOBODY
        rows = np.repeat(np.arange(len(self.cluster)), np.where(alone, self.frequency, 1))
        owner, posts = self.cluster[rows], self.frequency[rows]
        first_free = int(self.cluster.max(initial=0)) + 1
        owner[alone[rows]] = first_free + np.arange(int(alone[rows].sum()))
        posts[alone[rows]] = 1
        return ClusterWeights(owner, rows, posts)

    @property
    def _authors_repeat(self) -> bool:
        of_authors = self.cluster != NOBODY
        posts = np.bincount(self.cluster[of_authors], self.frequency[of_authors])
        return bool((posts > 1).any())

    @cached_property
    def unnamed(self) -> "UnnamedAnswers":
        """The same without who answered."""
        rows, number = distinct_rows(np.sort(self.answers, axis=1))
        return UnnamedAnswers(
            rows, _summed(number, self.frequency, len(rows)), merged_clusters(self.clusters, number)
        )

    @cached_property
    def annotators(self) -> tuple[int, ...]:
        """Who answered at all."""
        return tuple(int(member) for member in np.unique(self.members) if member != NOBODY)

    def raters(self, category: Ints, n_categories: int) -> tuple[RaterPatterns, ClusterWeights | None]:
        """Who gave which category, with `category` (n_answers) of each answer."""
        table = np.full((len(self.members), len(self.annotators)), NOBODY, dtype=np.int64)
        row, place = np.nonzero(self.members != NOBODY)
        column = np.searchsorted(np.array(self.annotators), self.members[row, place])
        table[row, column] = category[self.answers[row, place]]
        rows, number = distinct_rows(table)
        frequency = _summed(number, self.frequency, len(rows))
        return RaterPatterns(rows, frequency, n_categories), merged_clusters(self.clusters, number)

    @cached_property
    def pairs(self) -> "list[SharedPosts]":
        """All pairs of annotators with a post in common, those with most in common first."""
        return _shared_posts(self)


@dataclass(frozen=True, eq=False)
class UnnamedAnswers:
    """`rows` (n_patterns × most annotators of a post) of categories in order, `NOBODY` first.

    `clusters` speak of these patterns; every form below keeps or merges them.
    """

    rows: Ints
    frequency: Ints
    clusters: ClusterWeights | None

    @cached_property
    def extent(self) -> Extent:
        """How many posts, pairable posts and codings there are."""
        codings = (self.rows != NOBODY).sum(axis=1)
        return Extent(
            n_units=int(self.frequency[codings > 0].sum()),
            n_pairable=int(self.frequency[codings > 1].sum()),
            n_codings=int(self.frequency @ codings),
        )

    def counts(self, n_categories: int) -> CountPatterns:
        """How often each category was given."""
        counts = np.zeros((len(self.rows), n_categories), dtype=np.int64)
        at, place = np.nonzero(self.rows != NOBODY)
        np.add.at(counts, (at, self.rows[at, place]), 1)
        return CountPatterns(counts, self.frequency)

    def yes_no(self, holds: Bools) -> tuple[CountPatterns, ClusterWeights | None]:
        """The categories that hold a code against the rest: columns no, yes. `holds` is (n_categories)."""
        given = self.rows != NOBODY
        yes = (given & holds[self.rows]).sum(axis=1)
        pairs, number = distinct_rows(np.stack([given.sum(axis=1) - yes, yes], axis=1))
        frequency = _summed(number, self.frequency, len(pairs))
        return CountPatterns(pairs, frequency), merged_clusters(self.clusters, number)

    def sets(self, contents: Bools) -> SetPatterns:
        """The categories as sets of codes, whose contents (n_categories × n_codes) are given."""
        pattern, place = np.nonzero(self.rows != NOBODY)
        chosen = self.rows[pattern, place]
        entries, entry = distinct_rows(np.stack([pattern, chosen], axis=1))
        count = np.bincount(entry, minlength=len(entries))
        return SetPatterns(contents, entries[:, 0], entries[:, 1], count, self.frequency)


@dataclass(frozen=True, eq=False)
class SharedPosts:
    """The posts that two annotators have both answered, row by row of `AnswerPatterns`."""

    first: int
    second: int
    answers: Ints  # (n × 2)
    frequency: Ints
    source: Ints

    @property
    def n_posts(self) -> int:
        """How many posts they share."""
        return int(self.frequency.sum())

    def table(
        self, category: Ints, n_categories: int, clusters: ClusterWeights | None
    ) -> tuple[PairTable, ClusterWeights | None]:
        """What the one said against what the other said, with `category` (n_answers) of each answer."""
        cells = category[self.answers[:, 0]] * n_categories + category[self.answers[:, 1]]
        counts = _summed(cells, self.frequency, n_categories**2).reshape(n_categories, n_categories)
        return PairTable(counts), self._clusters(clusters, cells)

    def unnamed(self, clusters: ClusterWeights | None) -> "tuple[UnnamedAnswers, Ints]":
        """The same without which of the two gave which answer, and the answers that they gave at all."""
        given, place = np.unique(self.answers, return_inverse=True)
        rows, number = distinct_rows(np.sort(place.reshape(self.answers.shape), axis=1))
        frequency = _summed(number, self.frequency, len(rows))
        return UnnamedAnswers(rows, frequency, self._clusters(clusters, number)), given

    def _clusters(self, clusters: ClusterWeights | None, number: Ints) -> ClusterWeights | None:
        """The clusters of these posts alone, when row r of them becomes pattern `number[r]`."""
        if clusters is None:
            return None
        pattern = np.full(int(clusters.pattern.max(initial=-1)) + 1, NOBODY)
        pattern[self.source] = number
        return clusters.only(pattern != NOBODY).merged(pattern)


def _shared_posts(patterns: AnswerPatterns) -> list[SharedPosts]:
    together = _together(patterns)
    numbers, pair = distinct_rows(together[:, :2])
    order = np.argsort(pair, kind="stable")
    ends = np.cumsum(np.bincount(pair, minlength=len(numbers)))
    parts = np.split(together[order], ends[:-1])
    pairs = [
        SharedPosts(int(one), int(other), part[:, 2:4], patterns.frequency[part[:, 4]], part[:, 4])
        for (one, other), part in zip(numbers, parts, strict=False)
    ]
    return sorted(pairs, key=lambda found: (-found.n_posts, found.first, found.second))


def _together(patterns: AnswerPatterns) -> Ints:
    """Rows (member, other member, answer, other answer, row of the patterns)."""
    n_rows, width = patterns.members.shape
    found = [np.zeros((0, 5), dtype=np.int64)]
    for one in range(width):
        for other in range(one + 1, width):
            rows = np.arange(n_rows)[patterns.members[:, other] != NOBODY]
            members, answers = patterns.members[rows], patterns.answers[rows]
            columns = (members[:, one], members[:, other], answers[:, one], answers[:, other], rows)
            found.append(np.stack(columns, axis=1))
    return np.concatenate(found)


def merged_clusters(clusters: ClusterWeights | None, number: Ints) -> ClusterWeights | None:
    """The clusters when pattern p becomes pattern `number[p]`."""
    return None if clusters is None else clusters.merged(number)


def _summed(number: Ints, frequency: Ints, length: int) -> Ints:
    totals = np.zeros(length, dtype=np.int64)
    np.add.at(totals, number, frequency)
    return totals

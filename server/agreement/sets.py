"""Answers to a multiple choice taken whole: which sets of codes meet on a post, and alpha over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    below,
    refuse_nothing,
    same_length,
    whole_numbers,
)
from server.agreement.clusters import ClusterWeights
from server.agreement.lists import distinct_lists
from server.agreement.patterns import Extent
from server.agreement.set_distances import MASI, SetDistance, members_of
from server.agreement.sparse import SparseCounts
from server.agreement.statistics import OfSums, alpha, alpha_of

# Rows of the distance matrix held at a time: there may be many thousand distinct sets.
_ROWS = 512
# Sets times patterns: what is held in full.
_MOST_CELLS = 2**23


@dataclass(frozen=True, eq=False)
class SetPatterns:
    """`count[e]` annotators chose set `chosen[e]` on a post of pattern `pattern[e]`.

    `members` (n_sets × n_codes) says which codes each distinct set holds; `frequencies` (n_patterns) how
    many posts show each pattern; the entries are sorted by pattern. Sparse, because nearly every post may
    have sets of its own.
    """

    members: BoolArray
    pattern: IntArray
    chosen: IntArray
    count: IntArray
    frequencies: IntArray

    def __post_init__(self) -> None:
        for name in ("pattern", "chosen", "count", "frequencies"):
            object.__setattr__(self, name, whole_numbers(getattr(self, name), name))
        same_length([self.pattern, self.chosen, self.count], "pattern, chosen and count")
        below(self.pattern, len(self.frequencies), "pattern")
        below(self.chosen, len(self.members), "set")
        if (np.diff(self.pattern) < 0).any():
            raise ValueError("The entries of set patterns must be sorted by pattern.")

    @cached_property
    def codings(self) -> IntArray:
        """The number of codings of a post of each pattern (n_patterns)."""
        codings = np.zeros(len(self.frequencies), dtype=np.int64)
        np.add.at(codings, self.pattern, self.count)
        return codings

    @cached_property
    def pairable(self) -> BoolArray:
        """Which patterns have two codings to compare (n_patterns)."""
        return self.codings > 1

    @cached_property
    def extent(self) -> Extent:
        """How many posts, pairable posts and codings there are."""
        return Extent(
            n_units=int(self.frequencies[self.codings > 0].sum()),
            n_pairable=int(self.frequencies[self.pairable].sum()),
            n_codings=int(self.frequencies @ self.codings),
        )

    def disagreement(self, distance: SetDistance) -> FloatArray:
        """Σ δ over the ordered pairs of codings of a post, by its codings less one (n_patterns)."""
        total = np.zeros(len(self.frequencies))
        for apart in range(1, int(np.bincount(self.pattern).max(initial=0))):
            first = np.flatnonzero(self.pattern[:-apart] == self.pattern[apart:])
            other = first + apart
            between = distance.of_rows(self.members[self.chosen[first]], self.members[self.chosen[other]])
            np.add.at(total, self.pattern[first], 2 * between * self.count[first] * self.count[other])
        return total / np.maximum(self.codings - 1, 1)


@dataclass(frozen=True, eq=False)
class SetAlpha:
    """Krippendorff's alpha of whole answers under a distance of sets.

    Passonneau (2006), LREC: alpha as in `krippendorff_alpha`, with the distance in place of δ², for weights
    (n_weightings × n_patterns). At most 1. Undefined (NaN) where the pairable codings all chose the same set,
    or there are none.

    `members` (n_sets × n_codes) are the sets in pairable codings, `chosen` (n_sets × n_patterns) how often
    each was chosen on a post of each pattern, `disagreement` (n_patterns) what these posts disagree.
    """

    members: BoolArray
    chosen: SparseCounts
    disagreement: FloatArray
    distance: SetDistance

    @classmethod
    def of(cls, patterns: SetPatterns, distance: SetDistance = MASI) -> "SetAlpha":
        """Alpha of these patterns."""
        entries = patterns.pairable[patterns.pattern]
        sets, row = np.unique(patterns.chosen[entries], return_inverse=True)
        shape = (len(sets), len(patterns.frequencies))
        chosen = SparseCounts(row.reshape(-1), patterns.pattern[entries], patterns.count[entries], shape)
        return cls(patterns.members[sets], chosen, patterns.disagreement(distance), distance)

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Alpha for each weighting."""
        margins = self.chosen.times(np.ascontiguousarray(weights.T))
        return alpha(weights @ self.disagreement, self._expected(margins), margins.sum(axis=0))

    def of_few_sums(self) -> "SetAlpha | OfSums":
        """The same from as few sums of the weights as there are sets, if these are few."""
        n_sets, n_patterns = self.chosen.shape
        if n_sets >= n_patterns or n_sets * n_patterns > _MOST_CELLS:
            return self

        def parts(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
            margins = np.ascontiguousarray(sums[:, 1:].T)
            return sums[:, 0], self._expected(margins), margins.sum(axis=0)

        return alpha_of(np.column_stack([self.disagreement, self.chosen.full.T]), parts)

    def influence(self, frequencies: FloatArray) -> FloatArray:
        """As `OfSums.influence`, by differentiating 1 - n D_o / D_e by hand: there may be many sets."""
        margins = self.chosen.times(frequencies[:, None])
        expected, codings = self._expected(margins)[0], float(margins.sum())
        if expected == 0:
            return np.full(len(frequencies), np.nan)
        observed = float(frequencies @ self.disagreement)
        by_set = 2 * codings * observed / expected * self._apart(margins)[:, 0] - observed
        moved = self.chosen.transposed().times(by_set[:, None])[:, 0]
        return np.asarray(frequencies.sum() * (moved - codings * self.disagreement) / expected)

    def _expected(self, margins: FloatArray) -> FloatArray:
        """Σ n_a n_b δ_ab over all pairs of sets, for margins (n_sets × n_weightings)."""
        return np.asarray((margins * self._apart(margins)).sum(axis=0))

    def _apart(self, margins: FloatArray) -> FloatArray:
        """Σ n_b δ_ab for each set (n_sets × n_weightings)."""
        total = np.zeros(margins.shape)
        for first in range(0, len(self.members), _ROWS):
            rows = slice(first, first + _ROWS)
            total[rows] = self.distance.between(self.members[rows], self.members) @ margins
        return total


def set_patterns(unit: ArrayLike, chosen: Sequence[int]) -> SetPatterns:
    """Patterns from codings: on post `unit[i]` the codes that are the bits of `chosen[i]` were chosen.

    Bit c is code c; 0 is the answer that nothing applies. There may be any number of codes.

    Raises:
        ValueError: There is no coding at all, or units and answers are not equally many.
    """
    refuse_nothing(unit)
    return _grouped(whole_numbers(unit, "unit"), chosen)[0]


def clustered_set_patterns(
    unit: ArrayLike, chosen: Sequence[int], cluster: ArrayLike
) -> tuple[SetPatterns, ClusterWeights]:
    """As `set_patterns`, with the clusters of the posts; `cluster[i]` is the author of `unit[i]`."""
    refuse_nothing(unit)
    post = whole_numbers(unit, "unit")
    patterns, pattern_of_unit = _grouped(post, chosen)
    number = np.unique(post, return_inverse=True)[1].reshape(-1)
    return patterns, ClusterWeights.of_units(number, whole_numbers(cluster, "cluster"), pattern_of_unit)


def _grouped(unit: IntArray, chosen: Sequence[int]) -> tuple[SetPatterns, IntArray]:
    """The patterns, and the pattern of each post in the order of the posts' ids."""
    masks = [int(mask) for mask in chosen]
    if len(masks) != len(unit):
        raise ValueError(f"unit and chosen must have the same length, not {len(unit)}, {len(masks)}.")
    distinct = sorted(set(masks))
    number = {mask: at for at, mask in enumerate(distinct)}
    posts, items = _counted(unit, np.array([number[mask] for mask in masks], dtype=np.int64))
    pattern_of_unit, holder = distinct_lists(posts, items)
    pattern, entries = _entries_of(posts, items, holder)
    frequencies = np.bincount(pattern_of_unit, minlength=len(holder))
    patterns = SetPatterns(members_of(distinct), pattern, entries[:, 0], entries[:, 1], frequencies)
    return patterns, pattern_of_unit


def _counted(unit: IntArray, chosen: IntArray) -> tuple[IntArray, IntArray]:
    """For each post from 0, its sets and how often each was chosen: rows (set, count) sorted by post."""
    rows, count = np.unique(np.stack([unit, chosen], axis=1), axis=0, return_counts=True)
    posts = np.unique(rows[:, 0], return_inverse=True)[1].reshape(-1)
    return posts, np.stack([rows[:, 1], count], axis=1)


def _entries_of(posts: IntArray, items: IntArray, holder: IntArray) -> tuple[IntArray, IntArray]:
    """The lists of the named posts, numbered in the order in which the posts are named."""
    number = np.full(int(posts.max(initial=-1)) + 1, -1, dtype=np.int64)
    number[holder] = np.arange(len(holder))
    kept = number[posts] >= 0
    order = np.argsort(number[posts[kept]], kind="stable")
    return number[posts[kept]][order], items[kept][order]

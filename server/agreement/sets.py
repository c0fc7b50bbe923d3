"""Answers to a multiple choice taken whole: which sets of codes meet on a post, and alpha over them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import BoolArray, FloatArray, IntArray, below, same_length, whole_numbers
from server.agreement.clusters import ClusterWeights
from server.agreement.coefficients import alpha
from server.agreement.lists import distinct_lists
from server.agreement.masi import masi_distances, masi_of_rows, members_of
from server.agreement.patterns import Extent
from server.agreement.resampling import OfSums, Statistic
from server.agreement.sparse import SparseCounts

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

    @cached_property
    def disagreement(self) -> FloatArray:
        """Σ δ over the ordered pairs of codings of a post, by its codings less one (n_patterns)."""
        total = np.zeros(len(self.frequencies))
        for apart in range(1, int(np.bincount(self.pattern).max(initial=0))):
            first = np.flatnonzero(self.pattern[:-apart] == self.pattern[apart:])
            other = first + apart
            distance = masi_of_rows(self.members[self.chosen[first]], self.members[self.chosen[other]])
            np.add.at(total, self.pattern[first], 2 * distance * self.count[first] * self.count[other])
        return total / np.maximum(self.codings - 1, 1)


def masi_alpha(patterns: SetPatterns, weights: FloatArray) -> FloatArray:
    """Krippendorff's alpha of whole answers under the MASI distance.

    Passonneau (2006), LREC: alpha as in `krippendorff_alpha`, with the MASI distance in place of δ², for
    weights (n_weightings × n_patterns). At most 1. Undefined (NaN) where the pairable codings all chose the
    same set, or there are none.
    """
    sets, chosen = _pairable(patterns)
    margins = chosen.times(np.ascontiguousarray(weights.T))
    expected = _expected_disagreement(patterns.members[sets], margins)
    return alpha(weights @ patterns.disagreement, expected, margins.sum(axis=0))


def masi_statistic(patterns: SetPatterns) -> Statistic:
    """`masi_alpha` of these patterns, from as few sums of the weights as there are sets, if these are few."""
    sets, chosen = _pairable(patterns)
    if len(sets) >= len(patterns.frequencies) or len(sets) * len(patterns.frequencies) > _MOST_CELLS:
        return partial(masi_alpha, patterns)
    members = patterns.members[sets]

    def of(sums: FloatArray) -> FloatArray:
        margins = np.ascontiguousarray(sums[:, 1:].T)
        return alpha(sums[:, 0], _expected_disagreement(members, margins), margins.sum(axis=0))

    return OfSums(np.column_stack([patterns.disagreement, chosen.full.T]), of)


def _pairable(patterns: SetPatterns) -> tuple[IntArray, SparseCounts]:
    """The sets in pairable codings, and how often each was chosen on a post of each pattern."""
    entries = patterns.pairable[patterns.pattern]
    sets, row = np.unique(patterns.chosen[entries], return_inverse=True)
    shape = (len(sets), len(patterns.frequencies))
    row = row.reshape(-1)
    return sets, SparseCounts(row, patterns.pattern[entries], patterns.count[entries], shape)


def set_patterns(unit: ArrayLike, chosen: Sequence[int]) -> SetPatterns:
    """Patterns from codings: on post `unit[i]` the codes that are the bits of `chosen[i]` were chosen.

    Bit c is code c; 0 is the answer that nothing applies. There may be any number of codes.
    """
    return _grouped(whole_numbers(unit, "unit"), chosen)[0]


def clustered_set_patterns(
    unit: ArrayLike, chosen: Sequence[int], cluster: ArrayLike
) -> tuple[SetPatterns, ClusterWeights]:
    """As `set_patterns`, with the clusters of the posts; `cluster[i]` is the author of `unit[i]`."""
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


def _expected_disagreement(members: BoolArray, margins: FloatArray) -> FloatArray:
    """Σ n_a n_b δ_ab over all pairs of sets, for margins (n_sets × n_weightings)."""
    total = np.zeros(margins.shape[1])
    for first in range(0, len(members), _ROWS):
        rows = slice(first, first + _ROWS)
        total += (margins[rows] * (masi_distances(members[rows], members) @ margins)).sum(axis=0)
    return total

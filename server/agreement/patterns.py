"""Count patterns: how many annotators gave each code to a post, and how many posts look like that.

Every coefficient that does not ask *who* coded depends on the posts only through these two arrays, so
the cost of all that follows grows with the number of patterns, which is small among millions of posts.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import BoolArray, FloatArray, IntArray, same_length, whole_numbers
from server.agreement.lists import distinct_rows


@dataclass(frozen=True)
class Extent:
    """What a coefficient was computed on: posts coded at all, posts coded twice or more, and codings."""

    n_units: int
    n_pairable: int
    n_codings: int


@dataclass(frozen=True, eq=False)
class CountPatterns:
    """`frequencies[p]` posts have the code counts `counts[p]`.

    `counts` is (n_patterns × n_categories); its columns are all the categories of the codebook, used or
    not. The same pattern may stand in several rows. A row of zeros is a post that nobody coded: no
    evidence, and no post in `extent`.
    """

    counts: IntArray
    frequencies: IntArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", whole_numbers(self.counts, "counts", dimensions=2))
        object.__setattr__(self, "frequencies", whole_numbers(self.frequencies, "frequencies"))
        same_length([self.counts, self.frequencies], "counts and frequencies")
        if self.n_categories == 0:
            raise ValueError("counts must have a column for each category, at least one.")

    @property
    def n_categories(self) -> int:
        """The number of categories that could have been used."""
        return int(self.counts.shape[1])

    @cached_property
    def codings(self) -> IntArray:
        """The number of codings of a post of each pattern (n_patterns)."""
        return np.asarray(self.counts.sum(axis=1))

    @cached_property
    def coded(self) -> BoolArray:
        """Which patterns have a coding at all (n_patterns)."""
        return self.codings > 0

    @cached_property
    def pairable(self) -> BoolArray:
        """Which patterns have two codings to compare (n_patterns)."""
        return self.codings > 1

    @cached_property
    def shares(self) -> FloatArray:
        """The share of each category among the codings of a post (n_patterns × n_categories)."""
        return self.counts / np.maximum(self.codings, 1)[:, None]

    def agreeing(self, agreement: FloatArray | None = None) -> FloatArray:
        """The share of pairs of codings of a post that agree, 0 where there is no pair (n_patterns).

        `agreement` (n_categories × n_categories) says how much two categories agree; the identity if None.
        """
        counts, codings = self.counts.astype(np.float64), self.codings.astype(np.float64)
        like = counts if agreement is None else counts @ agreement
        pairs = (counts * (like - 1)).sum(axis=1)
        return np.where(self.pairable, pairs / np.maximum(codings * (codings - 1), 1), 0)

    @cached_property
    def extent(self) -> Extent:
        """How many posts, pairable posts and codings there are."""
        return Extent(
            n_units=int(self.frequencies[self.coded].sum()),
            n_pairable=int(self.frequencies[self.pairable].sum()),
            n_codings=int(self.frequencies @ self.codings),
        )


def merged_patterns(first: CountPatterns, second: CountPatterns) -> CountPatterns:
    """The patterns of two disjoint selections of posts taken together."""
    if first.n_categories != second.n_categories:
        raise ValueError(
            "Patterns of different categories cannot be merged: "
            f"{first.n_categories} against {second.n_categories}."
        )
    return grouped_patterns(
        np.concatenate([first.counts, second.counts]),
        np.concatenate([first.frequencies, second.frequencies]),
    )


def grouped_patterns(counts: ArrayLike, frequencies: ArrayLike) -> CountPatterns:
    """Patterns from rows that are grouped already, as a SQL `GROUP BY` gives them.

    Equal rows are added up and empty ones dropped, and the order of the rows is forgotten, so that one
    seed gives one interval whatever the order the database answered in.
    """
    given = CountPatterns(np.asarray(counts), np.asarray(frequencies))
    kept = given.coded & (given.frequencies > 0)
    distinct, pattern = distinct_rows(given.counts[kept])
    totals = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(totals, pattern, given.frequencies[kept])
    return CountPatterns(distinct, totals)


def yes_no_patterns(codings: ArrayLike, yes: ArrayLike, frequencies: ArrayLike) -> CountPatterns:
    """Patterns of one code of a multiple choice: `yes` of `codings` annotators chose it; columns no, yes."""
    seen, chosen = whole_numbers(codings, "codings"), whole_numbers(yes, "yes")
    same_length([seen, chosen], "codings and yes")
    if (chosen > seen).any():
        raise ValueError("A code cannot be chosen more often than its post was coded.")
    return grouped_patterns(np.stack([seen - chosen, chosen], axis=1), frequencies)


def prevalence(patterns: CountPatterns) -> FloatArray | None:
    """The share of all codings that gave each category (n_categories), or None when nothing was coded."""
    totals = patterns.frequencies @ patterns.counts
    return totals / totals.sum() if totals.sum() else None

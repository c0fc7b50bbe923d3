"""Two annotators who are known by name: how often the one's category met the other's."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import FloatArray, IntArray, below, same_length, whole_numbers
from server.agreement.patterns import Extent
from server.agreement.statistics import OfSums, Statistic, ratio


@dataclass(frozen=True, eq=False)
class PairTable:
    """`counts[a, b]`: on how many shared posts the first annotator gave a and the second b.

    (n_categories × n_categories), over the posts that both coded, which is also the confusion matrix.
    """

    counts: IntArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", whole_numbers(self.counts, "counts", dimensions=2))
        rows, columns = self.counts.shape
        if rows != columns or rows == 0:
            raise ValueError(f"A pair table needs the same categories both ways, not {rows} by {columns}.")

    @property
    def frequencies(self) -> IntArray:
        """The posts of each cell, row after row: a cell is what a pattern is among many annotators."""
        return self.counts.reshape(-1)

    @cached_property
    def extent(self) -> Extent:
        """How many shared posts and codings there are."""
        posts = int(self.counts.sum())
        return Extent(n_units=posts, n_pairable=posts, n_codings=2 * posts)


def pair_table(
    first: ArrayLike, second: ArrayLike, n_categories: int, frequencies: ArrayLike | None = None
) -> PairTable:
    """The table of two annotators from their categories (from 0) of the same posts, post by post.

    `frequencies` says of how many posts each row speaks, one when left out.
    """
    one, other = whole_numbers(first, "first"), whole_numbers(second, "second")
    posts = np.ones_like(one) if frequencies is None else whole_numbers(frequencies, "frequencies")
    same_length([one, other, posts], "first, second and frequencies")
    below(one, n_categories, "category")
    below(other, n_categories, "category")
    counts = np.zeros((n_categories, n_categories), dtype=np.int64)
    np.add.at(counts, (one, other), posts)
    return PairTable(counts)


def pair_agreement(table: PairTable, agreement: FloatArray | None = None) -> OfSums:
    """The share of shared posts on which the two agree, or the mean of the weights of what they chose.

    Between 0 and 1; undefined without a shared post.
    """
    weights = _weights(table, agreement)
    return _of_cells(table, lambda cells: _observed(cells, weights))


def cohen_kappa(table: PairTable, agreement: FloatArray | None = None) -> OfSums:
    """Cohen's kappa = (p_o - p_e) / (1 - p_e), p_e = Σ w_kl p_k. p_.l.

    Cohen (1960), Educ. Psychol. Meas. 20:37-46, weighted Cohen (1968), Psychol. Bull. 70:213-220. At most 1;
    0 where the two agree as often as their margins alone would make them. Undefined without a shared post,
    and where both used one category, the same.
    """
    weights = _weights(table, agreement)

    def by_chance(cells: FloatArray) -> FloatArray:
        return np.asarray((cells.sum(axis=2) @ weights * cells.sum(axis=1)).sum(axis=1))

    return _of_cells(table, lambda cells: _kappa(cells, weights, by_chance(cells)))


def scott_pi(table: PairTable, agreement: FloatArray | None = None) -> OfSums:
    """Scott's pi = (p_o - p_e) / (1 - p_e), p_e = Σ w_kl π_k π_l, π_k the mean of the two margins.

    Scott (1955), Public Opin. Q. 19:321-325. At most 1. Undefined as `cohen_kappa` is.
    """
    weights = _weights(table, agreement)

    def by_chance(cells: FloatArray) -> FloatArray:
        mean = (cells.sum(axis=2) + cells.sum(axis=1)) / 2
        return np.asarray((mean @ weights * mean).sum(axis=1))

    return _of_cells(table, lambda cells: _kappa(cells, weights, by_chance(cells)))


def holsti(table: PairTable) -> OfSums:
    """Holsti's coefficient of reliability = 2 M / (N_1 + N_2) over the posts that both coded.

    Holsti (1969), Content Analysis for the Social Sciences and Humanities, p. 140: M decisions on which the
    two agree, N_1 and N_2 decisions of each. On shared posts that is their percent agreement.
    """
    return pair_agreement(table)


def _weights(table: PairTable, agreement: FloatArray | None) -> FloatArray:
    return np.eye(len(table.counts)) if agreement is None else agreement


def _of_cells(table: PairTable, of: Statistic) -> OfSums:
    """A statistic of the cells (n_weightings × first × second): the sums are the cells themselves."""
    shape = table.counts.shape
    return OfSums(np.eye(table.counts.size), lambda sums: of(sums.reshape(-1, *shape)))


def _observed(cells: FloatArray, weights: FloatArray) -> FloatArray:
    posts = cells.sum(axis=(1, 2))
    return ratio((cells * weights).sum(axis=(1, 2)), posts, posts > 0)


def _kappa(cells: FloatArray, weights: FloatArray, by_chance: FloatArray) -> FloatArray:
    # Times n² all is in whole numbers where the weights are, and "no variation" is exactly zero.
    posts = cells.sum(axis=(1, 2))
    agreeing = posts * (cells * weights).sum(axis=(1, 2))
    return ratio(agreeing - by_chance, posts * posts - by_chance, posts * posts > by_chance)

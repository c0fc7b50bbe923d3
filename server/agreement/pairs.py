"""Two annotators who are known by name: how often the one's category met the other's."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import FloatArray, IntArray, below, same_length, whole_numbers
from server.agreement.patterns import Extent


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


def pair_agreement(table: PairTable, weights: FloatArray) -> FloatArray:
    """The share of shared posts on which the two agree, for weights (n_weightings × n_cells).

    Between 0 and 1; NaN without a shared post.
    """
    cells = _cells(table, weights)
    return _divided(_agreeing(cells), cells.sum(axis=(1, 2)))


def cohen_kappa(table: PairTable, weights: FloatArray) -> FloatArray:
    """Cohen's kappa = (p_o - p_e) / (1 - p_e), p_e = Σ p_k. p_.k.

    Cohen (1960), Educ. Psychol. Meas. 20, for weights (n_weightings × n_cells) over the cells of the table.
    At most 1; 0 where the two agree as often as their margins alone would make them. Undefined (NaN) without
    a shared post, and where both used one category, the same.
    """
    cells = _cells(table, weights)
    posts = cells.sum(axis=(1, 2))
    by_chance = (cells.sum(axis=1) * cells.sum(axis=2)).sum(axis=1)
    # Times n² all is in whole numbers, and "no variation" is exactly zero.
    return _divided(posts * _agreeing(cells) - by_chance, posts * posts - by_chance)


def _cells(table: PairTable, weights: FloatArray) -> FloatArray:
    return np.reshape(weights, (-1, *table.counts.shape))


def _agreeing(cells: FloatArray) -> FloatArray:
    return np.asarray(np.trace(cells, axis1=1, axis2=2))


def _divided(above: FloatArray, below: FloatArray) -> FloatArray:
    answer = np.full(len(above), np.nan)
    np.divide(above, below, out=answer, where=below > 0)
    return answer

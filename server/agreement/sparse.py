"""A mostly empty matrix of whole numbers, in coordinate form, and its product with a full one."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from server.agreement.arrays import FloatArray, IntArray, Numbers

# Multiplying with the zeros as well is quicker where not many more than this are zero for each that is not.
_FULL_ENOUGH = 32


@dataclass(frozen=True, eq=False)
class SparseCounts:
    """`value[e]` stands at (`row[e]`, `column[e]`) of `shape`; entries at one place add up."""

    row: IntArray
    column: IntArray
    value: IntArray
    shape: tuple[int, int]

    def times(self, dense: Numbers) -> FloatArray:
        """This matrix times `dense` (n_columns × m), as (n_rows × m).

        Single precision is computed with as such, which reads half as much.
        """
        if self.is_full_enough:
            return (self._full_in(dense.dtype) @ dense).astype(np.float64, copy=False)
        product = np.zeros((self.shape[0], dense.shape[1]))
        if self.row.size:
            entries = dense[self.column[self._order]].astype(np.float64, copy=False)
            entries *= self.value[self._order, None]
            product[self.row[self._order[self._starts]]] = np.add.reduceat(entries, self._starts, axis=0)
        return product

    def _full_in(self, kind: np.dtype[Any]) -> Numbers:
        return self.full.astype(kind, copy=False)

    @property
    def is_full_enough(self) -> bool:
        """Whether it is multiplied with its zeros, so that its entries are not held one by one."""
        return self.shape[0] * self.shape[1] <= _FULL_ENOUGH * self.row.size

    def transposed(self) -> "SparseCounts":
        """Rows as columns."""
        return SparseCounts(self.column, self.row, self.value, self.shape[::-1])

    @cached_property
    def full(self) -> FloatArray:
        """The matrix with its zeros."""
        place = self.row * self.shape[1] + self.column
        full = np.bincount(place, self.value, minlength=self.shape[0] * self.shape[1])
        return full.reshape(self.shape).astype(np.float64, copy=False)

    @cached_property
    def _order(self) -> IntArray:
        return np.argsort(self.row, kind="stable")

    @cached_property
    def _starts(self) -> IntArray:
        """Where each row begins in the order of rows."""
        return np.flatnonzero(np.diff(self.row[self._order], prepend=-1))

"""A mostly empty matrix of whole numbers, in coordinate form, and its product with a full one."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from server.agreement.arrays import FloatArray, IntArray

# Multiplying with the zeros as well is quicker where not many more than this are zero for each that is not.
_FULL_ENOUGH = 32


@dataclass(frozen=True, eq=False)
class SparseCounts:
    """`value[e]` stands at (`row[e]`, `column[e]`) of `shape`; entries at one place add up."""

    row: IntArray
    column: IntArray
    value: IntArray
    shape: tuple[int, int]

    def times(self, dense: FloatArray) -> FloatArray:
        """This matrix times `dense` (n_columns × m), as (n_rows × m)."""
        if self.shape[0] * self.shape[1] <= _FULL_ENOUGH * self.row.size:
            return self._full @ dense
        product = np.zeros((self.shape[0], dense.shape[1]))
        if self.row.size:
            entries = dense[self.column[self._order]]
            entries *= self.value[self._order, None]
            product[self.row[self._order[self._starts]]] = np.add.reduceat(entries, self._starts, axis=0)
        return product

    @cached_property
    def _full(self) -> FloatArray:
        full = np.zeros(self.shape)
        np.add.at(full, (self.row, self.column), self.value)
        return full

    @cached_property
    def _order(self) -> IntArray:
        return np.argsort(self.row, kind="stable")

    @cached_property
    def _starts(self) -> IntArray:
        """Where each row begins in the order of rows."""
        return np.flatnonzero(np.diff(self.row[self._order], prepend=-1))

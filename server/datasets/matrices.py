"""Matrices as ReCal reads them (Freelon 2010): whole numbers, a row a unit, a column a coder, no gap.

Where not everybody coded everything, a matrix without a gap is of some coders and of the units that all of
these coded. Taken are those who give the most judgements: everybody, where everybody coded all.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO

import numpy as np
from numpy.typing import NDArray

from server.datasets.csv_files import csv_rows
from server.datasets.formulas import guard_cell
from server.datasets.table import Cell, Code, Column, unequal
from server.language import gettext as _

_OWN = ("key", "rows")
KEY, ROWS = (f"{name}.csv" for name in _OWN)
# Groups of coders that are tried, the most frequent first.
_GROUPS = 500
_Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Judged:
    """Which coder (n) gave which number (n) to which unit (n)."""

    unit: _Ints
    coder: _Ints
    number: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Matrix:
    """The numbers (units × coders) of one question; `n_left_out` units lack the number of one of the coders.

    `coders` are their names. Without coders `why_empty` says in words why there is none.
    """

    column: Column
    coders: tuple[str, ...]
    units: _Ints
    numbers: NDArray[np.float64]
    n_left_out: int
    why_empty: str = ""


def fullest_matrix(column: Column, judged: Judged, names: Mapping[int, str]) -> Matrix:
    """The matrix without a gap that holds the most judgements."""
    units, row = np.unique(judged.unit, return_inverse=True)
    coders, place = np.unique(judged.coder, return_inverse=True)
    if not (judged.number % 1 == 0).all():
        return _empty(column, len(units), _("ReCal takes whole numbers alone."))
    numbers = np.full((len(units), len(coders)), np.nan)
    numbers[row, place] = judged.number
    group = _best_group(~np.isnan(numbers))
    if group is None:
        return _empty(column, len(units), _("No post was coded by two annotators."))
    is_whole = ~np.isnan(numbers[:, group]).any(axis=1)
    chosen = tuple(names[coder] for coder in coders[group].tolist())
    return Matrix(column, chosen, units[is_whole], numbers[is_whole][:, group], int((~is_whole).sum()))


def _empty(column: Column, n_units: int, why: str) -> Matrix:
    return Matrix(column, (), np.zeros(0, dtype=np.int64), np.zeros((0, 0)), n_units, why)


def _best_group(is_there: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The coders (n_coders) of the fullest matrix; None where no unit has two."""
    if not is_there.size:
        return None
    groups, counts = np.unique(is_there, axis=0, return_counts=True)
    several = np.flatnonzero(groups.sum(axis=1) > 1)
    tried = several[np.argsort(-counts[several], kind="stable")][:_GROUPS]
    sizes = [
        (int(counts[(groups | ~groups[one]).all(axis=1)].sum()) * int(groups[one].sum()), one)
        for one in tried.tolist()
    ]
    return np.asarray(groups[max(sizes)[1]], dtype=np.bool_) if sizes else None


@dataclass(frozen=True)
class MatrixArchive:
    """Matrices, and the names of their units."""

    matrices: Sequence[Matrix]
    unit_names: Mapping[int, str]

    @cached_property
    def _named(self) -> Sequence[tuple[str, Matrix]]:
        """The matrices with the names of their files, after those that the archive has for itself."""
        names = unequal([*_OWN, *(one.column.key for one in self.matrices)])[len(_OWN) :]
        return [(f"{name}.csv", one) for name, one in zip(names, self.matrices, strict=True)]

    def write(self, file: IO[bytes]) -> None:
        """Write a .zip: a file a matrix, `key.csv` on what they mean, `rows.csv` on the unit of each row."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(KEY, csv_rows(_guarded([("file", "what", "number", "meaning"), *self._key()])))
            archive.writestr(ROWS, csv_rows(_guarded([("file", "row", "post_id"), *self._rows()])))
            for name, one in self._named:
                if one.coders:
                    archive.writestr(name, csv_rows(one.numbers.astype(np.int64).tolist()))

    def _key(self) -> Iterator[tuple[Cell, ...]]:
        for name, one in self._named:
            yield from ((name, *row) for row in _meanings(one))

    def _rows(self) -> Iterator[tuple[Cell, ...]]:
        for name, one in self._named:
            for number, unit in enumerate(one.units.tolist(), start=1):
                yield (name, number, self.unit_names[unit])


def _meanings(of: Matrix) -> Iterator[tuple[Cell, ...]]:
    yield ("question", None, of.column.label)
    yield from (("column", place, name) for place, name in enumerate(of.coders, start=1))
    yield from (("code", code.number, _code_words(code)) for code in of.column.codes)
    yield ("posts", len(of.units), of.why_empty or _("coded by all of these annotators, a row each"))
    yield ("left out", of.n_left_out, _("posts that not all of them coded: ReCal takes no gaps"))


def _code_words(code: Code) -> str:
    return code.label if code.label == code.key else f"{code.key}: {code.label}"


def _guarded(rows: Sequence[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for row in rows:
        yield [guard_cell(cell) if isinstance(cell, str) else cell for cell in row]

"""Our own CSV files: untyped tables written so that no spreadsheet computes a cell, and read back exactly.

See `server.datasets.formulas` for the guard.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from server.corpora.compact import Lazy, Row
from server.corpora.parsing import Table
from server.datasets.csv_files import BOM, ROWS_AT_ONCE, csv_rows
from server.datasets.formulas import guard_cell, unguard_cell

Cell = str | int | float | None


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]], with_bom: bool) -> Iterator[str]:
    """A CSV file in pieces of some hundred rows, to be encoded as UTF-8.

    `with_bom` puts the mark in front by which Excel knows UTF-8. None is written as an empty cell.
    """
    yield (BOM if with_bom else "") + _lines([columns])
    remaining = iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        yield _lines(some)


def unguarded(table: Table) -> Table:
    """A table read from one of our own files, with the apostrophes of the guard taken away."""
    rows = Lazy(range(len(table.rows)), lambda place: _unguarded_row(table.rows[place]))
    return replace(table, columns=tuple(unguard_cell(name) for name in table.columns), rows=rows)


def _unguarded_row(row: Row) -> Row:
    return Row(row.number, tuple(unguard_cell(cell) for cell in row.cells))


def _lines(rows: Iterable[Sequence[Cell]]) -> str:
    return csv_rows([_guarded(cell) for cell in row] for row in rows)


def _guarded(cell: Cell) -> Cell:
    return guard_cell(cell) if isinstance(cell, str) else cell

"""CSV: in UTF-8, with a line of names, moments in ISO 8601, and formulas disarmed."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from itertools import islice

from server.datasets.formulas import guard_cell
from server.datasets.table import Cell, Column, Dataset, Kind, Row

BOM = "\ufeff"
ROWS_AT_ONCE = 500
_Change = Callable[[Cell], Cell]


def csv_pieces(dataset: Dataset, *, with_bom: bool = False, guards: bool = True) -> Iterator[str]:
    """The file in pieces of some hundred rows, to be encoded as UTF-8.

    `with_bom` puts the mark in front by which Excel knows UTF-8. None is written as an empty cell. Without
    `guards` cells stand as they are: for programs that never compute a cell.
    """
    names = [guard_cell(one.key) if guards else one.key for one in dataset.columns]
    yield (BOM if with_bom else "") + csv_rows([names])
    changes = _changes(dataset.columns, guards=guards)
    while some := list(islice(dataset.rows, ROWS_AT_ONCE)):
        yield csv_rows(_changed(some, changes))


def csv_rows(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as CSV has them, with the line ends that RFC 4180 asks for."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _changes(columns: Sequence[Column], *, guards: bool) -> dict[int, _Change]:
    """What is done to cells, by the places of their columns: to few of them, since there are millions."""
    found: dict[int, _Change] = {}
    for place, column in enumerate(columns):
        if column.kind is Kind.MOMENT:
            found[place] = _iso
        elif column.kind in {Kind.NUMBER, Kind.MIXED}:
            found[place] = _plain_and_guarded if guards else plain_number
        elif guards and _may_compute(column):
            found[place] = _guarded
    return found


def _may_compute(column: Column) -> bool:
    if column.kind is Kind.CODED:
        return any(guard_cell(code.key) != code.key for code in column.codes)
    return column.kind is Kind.TEXT


def _changed(rows: Sequence[Row], changes: dict[int, _Change]) -> Iterator[Sequence[Cell]]:
    columns: list[Sequence[Cell]] = list(zip(*rows, strict=True))
    for place, change in changes.items():
        # Most cells say what another says: each is looked at once.
        changed = {cell: None if cell is None else change(cell) for cell in set(columns[place])}
        columns[place] = [changed[cell] for cell in columns[place]]
    return zip(*columns, strict=True)


def _iso(cell: Cell) -> Cell:
    return cell.isoformat(timespec="seconds") if isinstance(cell, datetime) else cell


def plain_number(cell: Cell) -> Cell:
    """Whole numbers without a decimal point."""
    is_whole = isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15
    return int(cell) if is_whole and isinstance(cell, float) else cell


def _guarded(cell: Cell) -> Cell:
    return guard_cell(cell) if isinstance(cell, str) else cell


def _plain_and_guarded(cell: Cell) -> Cell:
    return _guarded(plain_number(cell))

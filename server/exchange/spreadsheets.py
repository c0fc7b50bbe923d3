"""CSV that a spreadsheet may open without computing what a stranger wrote into a post.

A cell that a spreadsheet would take for a formula gets an apostrophe in front. So does a cell that already
has apostrophes before such a beginning; therefore taking one apostrophe away restores every cell exactly.
Plain numbers, signed ones too, stay as they are.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from io import StringIO
from itertools import islice

from server.corpora.compact import Lazy, Row
from server.corpora.parsing import Table

Cell = str | int | float | None

# The full-width forms are taken for their ASCII twins by spreadsheets in East Asian locales.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_BOM = "\ufeff"
_ROWS_AT_ONCE = 500


def guard_cell(text: str) -> str:
    """`text`, with an apostrophe in front if a spreadsheet would compute it."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def unguard_cell(text: str) -> str:
    """The text that `guard_cell` was given."""
    return text[1:] if _GUARDED.match(text) else text


def csv_lines(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], with_bom: bool, *, guards: bool = True
) -> Iterator[str]:
    """A CSV file in pieces of some hundred rows, to be encoded as UTF-8.

    `with_bom` puts the mark in front by which Excel knows UTF-8. None is written as an empty cell. Without
    `guards` cells stand as they are: for programs that never compute a cell.
    """
    yield (_BOM if with_bom else "") + _lines([columns], guards)
    remaining = iter(rows)
    while some := list(islice(remaining, _ROWS_AT_ONCE)):
        yield _lines(some, guards)


def unguarded(table: Table) -> Table:
    """A table read from one of our own files, with the apostrophes of the guard taken away."""
    rows = Lazy(range(len(table.rows)), lambda place: _unguarded_row(table.rows[place]))
    return replace(table, columns=tuple(unguard_cell(name) for name in table.columns), rows=rows)


def _unguarded_row(row: Row) -> Row:
    return Row(row.number, tuple(unguard_cell(cell) for cell in row.cells))


def _lines(rows: Iterable[Sequence[Cell]], guards: bool) -> str:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_guarded(cell) for cell in row] if guards else row for row in rows)
    return text.getvalue()


def _guarded(cell: Cell) -> Cell:
    return guard_cell(cell) if isinstance(cell, str) else cell

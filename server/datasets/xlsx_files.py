"""Excel: a sheet of the data, typed, and a sheet that explains every column and code.

Text is written as text, whatever it begins with: no cell is computed, and ids of 19 digits keep them all.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import IO, Any

from server.datasets.table import Cell, Column, Dataset, Kind
from server.datasets.words import code_rows, counted, kind_word
from server.errors import Refusal
from server.language import gettext as _

MOST_ROWS = 1_048_575
LONGEST_TEXT = 32_767
# Excel counts days from the beginning of 1900, with a day too many before its March.
_FIRST_DAY = datetime(1900, 3, 1, tzinfo=UTC)
_WIDTHS = {Kind.TEXT: 18, Kind.MOMENT: 19}


def write_xlsx(dataset: Dataset, file: IO[bytes]) -> None:
    """Write the file; memory holds a row at a time.

    A text longer than Excel holds ends with "…", and the sheet of the codebook counts these.

    Raises:
        Refusal: There are more rows than a sheet of Excel has.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    # Excel knows no time zones: moments are UTC, as the codebook says.
    # Loaded only where somebody wants such a file.
    with import_module("xlsxwriter").Workbook(file, options | {"remove_timezone": True}) as book:
        sheet = _Sheet(book, _("Data"), dataset.columns)
        for row in dataset.rows:
            sheet.add(row)
        sheet.finish()
        _explain(book, dataset, sheet.n_cut)


class _Sheet:
    """The sheet of the data while it is written."""

    def __init__(self, book: Any, name: str, columns: tuple[Column, ...]) -> None:
        self._sheet = book.add_worksheet(name)
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._columns = columns
        self._n_rows = 0
        self.n_cut = 0
        _head(book, self._sheet, [column.key for column in columns])
        for place, column in enumerate(columns):
            self._sheet.set_column(place, place, _WIDTHS.get(column.kind, 12))

    def add(self, row: tuple[Cell, ...]) -> None:
        """Write the next row."""
        if self._n_rows == MOST_ROWS:
            raise Refusal(
                _(
                    "A sheet of Excel has room for {rows} rows, and this file needs more. CSV, JSON Lines, "
                    "Parquet and the archive for R have no such limit."
                ).format(rows=counted(MOST_ROWS))
            )
        self._n_rows += 1
        for place, cell in enumerate(row):
            if cell is not None:
                self._write(place, cell)

    def finish(self) -> None:
        """Let the reader filter by every column."""
        self._sheet.autofilter(0, 0, self._n_rows, max(0, len(self._columns) - 1))

    def _write(self, place: int, cell: str | float | datetime) -> None:
        if isinstance(cell, str):
            self._sheet.write_string(self._n_rows, place, self._fitting(cell))
        elif not isinstance(cell, datetime):
            self._sheet.write_number(self._n_rows, place, cell)
        elif cell >= _FIRST_DAY:
            self._sheet.write_datetime(self._n_rows, place, cell.astimezone(UTC), self._moment)
        else:
            self._sheet.write_string(self._n_rows, place, cell.isoformat(timespec="seconds"))

    def _fitting(self, text: str) -> str:
        text = text.replace("\r\n", "\n")  # A line of a cell ends so in Excel.
        # Excel counts in units of UTF-16, of which an emoji takes two.
        if len(text) <= LONGEST_TEXT // 2 or len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT:
            return text
        self.n_cut += 1
        units = text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - 1)]
        return units.decode("utf-16-le", "ignore") + "…"


def _head(book: Any, sheet: Any, names: list[str]) -> None:
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, bold)


def _explain(book: Any, dataset: Dataset, n_cut: int) -> None:
    sheet = book.add_worksheet(_("Codebook"))
    _head(book, sheet, [_("column"), _("what it says"), _("kind"), _("code"), _("number"), _("label")])
    sheet.set_column(0, 1, 30)
    sheet.set_column(5, 5, 40)
    for number, row in enumerate(_explanations(dataset, n_cut), start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell[:LONGEST_TEXT])
            elif cell is not None:
                sheet.write_number(number, place, cell)


def _explanations(dataset: Dataset, n_cut: int) -> Iterator[tuple[str | int | None, ...]]:
    for column in dataset.columns:
        yield (column.key, column.label, kind_word(column.kind))
        yield from ((column.key, None, None, *code) for code in code_rows(column))
    if n_cut:
        said = _("Texts longer than {limit} characters, which Excel cannot hold, were cut: {count}.")
        yield (None, said.format(limit=counted(LONGEST_TEXT), count=n_cut))

"""The sheets of an OpenDocument spreadsheet, row by row."""

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from server.corpora.records import MAX_CELL, MAX_CELLS, Record, too_long, too_many
from server.corpora.sheets import Sheet, number_text
from server.corpora.xml_events import Attributes, XmlReader, damaged_sheet

_MAX_PART = 1 << 30
_MAX_RATIO = 100
_FREE = 64 << 20
# Nobody writes the same post so often; a file that says so in a few bytes is there to fill the memory.
_MAX_REPEATS = 1_000
_CELLS = frozenset({"table-cell", "covered-table-cell"})
_WRITTEN = {"tab": "\t", "line-break": "\n"}
_BROKEN = (BadZipFile, KeyError, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


def ods_sheets(file: BinaryIO) -> list[Sheet]:
    """The sheets of the document in their order. Each is found anew when its rows are asked for."""
    names = _Names()
    for _piece in _pieces(file, XmlReader(names.start, _pass, _pass)):
        pass
    return [Sheet(name, partial(_records, file, place)) for place, name in enumerate(names.found)]


def _pieces(file: BinaryIO, reader: XmlReader) -> Iterator[None]:
    try:
        with ZipFile(file) as archive:
            packed = archive.getinfo("content.xml").compress_size
            with archive.open("content.xml") as content:
                yield from reader.read(content, min(_MAX_PART, max(_FREE, packed * _MAX_RATIO)))
    except _BROKEN as problem:
        raise damaged_sheet() from problem


class _Names:
    def __init__(self) -> None:
        self.found: list[str] = []

    def start(self, name: str, found: Attributes) -> None:
        if name == "table":
            self.found.append(found.get("table:name", ""))


def _pass(_said: str) -> None:
    pass


def _records(file: BinaryIO, place: int, sheet: Sheet) -> Iterator[Record]:
    rows = _Rows(place, sheet)
    for _piece in _pieces(file, XmlReader(rows.start, rows.end, rows.text)):
        while rows.done:
            yield rows.done.popleft()
        if rows.is_over:
            return


class _Rows:
    """Puts the rows of one sheet together from the elements of the document."""

    def __init__(self, place: int, sheet: Sheet) -> None:
        self._wanted, self._place, self._sheet = place, -1, sheet
        self.done: deque[Record] = deque()
        self.is_over = False
        self._number, self._repeats_row, self._repeats_cell = 0, 1, 1
        self._cells: list[str] = []
        self._waiting = 0
        self._fault: str | None = None
        self._found: Attributes = {}
        self._paragraphs: list[str] = []
        self._in_paragraph = self._in_note = 0

    def start(self, name: str, found: Attributes) -> None:
        """An element begins."""
        if name == "table":
            self._place += 1
            self.is_over = self._place > self._wanted
        if self._place != self._wanted:
            return
        if name == "table-row":
            self._repeats_row = _count(found.get("table:number-rows-repeated"))
            self._cells, self._waiting, self._fault = [], 0, None
        elif name in _CELLS:
            self._repeats_cell = _count(found.get("table:number-columns-repeated"))
            self._found, self._paragraphs = found, []
            self._sheet.n_formulas += "table:formula" in found
        elif name == "annotation":
            self._in_note += 1
        else:
            self._start_text(name, found)

    def _start_text(self, name: str, found: Attributes) -> None:
        if name == "p":
            self._in_paragraph += 1
            self._paragraphs.append("")
        elif name == "s":
            self.text(" " * min(_count(found.get("text:c")), 1_000))
        elif name in _WRITTEN:
            self.text(_WRITTEN[name])

    def text(self, text: str) -> None:
        """Some text of a paragraph."""
        is_shown = self._in_paragraph and not self._in_note and self._place == self._wanted
        if is_shown and len(self._paragraphs[-1]) <= MAX_CELL:
            self._paragraphs[-1] += text

    def end(self, name: str) -> None:
        """An element ends."""
        if self._place != self._wanted:
            return
        if name == "p":
            self._in_paragraph -= 1
        elif name == "annotation":
            self._in_note -= 1
            self._paragraphs = []
        elif name in _CELLS:
            self._end_cell()
        elif name == "table-row":
            self._end_row()

    def _end_cell(self) -> None:
        text, times = self._said(), self._repeats_cell
        if not text.strip():
            # Blank cells count only where another follows; a sheet ends in thousands of them.
            self._waiting += times
            return
        if len(self._cells) + self._waiting + times > MAX_CELLS:
            self._fault = self._fault or too_many()
            return
        if len(text) > MAX_CELL:
            self._fault = self._fault or too_long()
            return
        self._cells += [""] * self._waiting + [text] * times
        self._waiting = 0

    def _said(self) -> str:
        kind = self._found.get("office:value-type", "")
        if kind in {"float", "percentage", "currency"}:
            return number_text(self._found.get("office:value", ""))
        if kind == "date":
            return self._found.get("office:date-value", "")
        if kind == "boolean":
            return self._found.get("office:boolean-value", "").upper()
        return "\n".join(self._paragraphs)

    def _end_row(self) -> None:
        first, self._number = self._number + 1, self._number + self._repeats_row
        if self._fault or self._cells:
            cells = () if self._fault else tuple(self._cells)
            if self._repeats_row > _MAX_REPEATS:
                raise damaged_sheet()
            self.done += [Record(number, cells, self._fault) for number in range(first, self._number + 1)]


def _count(stated: str | None) -> int:
    return int(stated) if stated and stated.isdecimal() and len(stated) < 9 else 1

"""The sheets of an Excel workbook, row by row and with every digit that the file holds.

Written out, since readers for all purposes hand numbers over as doubles, which lose the last digits of an id
of nineteen even where the file has them, and since they make room for every cell up to the last.
"""

import re
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from server.corpora.records import MAX_CELL, MAX_CELLS, Record, too_long, too_many
from server.corpora.sheets import Sheet, number_text
from server.corpora.xml_events import Attributes, XmlReader, damaged_sheet

_MAX_PART = 1 << 30
_MAX_RATIO = 100
_FREE = 64 << 20
_PLACE = re.compile(r"([A-Z]{1,4})(\d{1,8})", re.ASCII)
_TIME_FORMAT = re.compile(r"[dmyhs]", re.IGNORECASE)
_NO_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_BUILT_IN_TIMES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_LAST_DAY = 2_958_466
_Starts = Callable[[str, Attributes], None]
_Says = Callable[[str], None]
_BROKEN = (BadZipFile, KeyError, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


def xlsx_sheets(file: BinaryIO) -> list[Sheet]:
    """The sheets of the workbook in their order."""
    try:
        book = _Book(ZipFile(file))
        return [
            Sheet(name, partial(_records, book, path), is_hidden) for name, path, is_hidden in book.sheets()
        ]
    except _BROKEN as problem:
        raise damaged_sheet() from problem


class _Strings:
    """The texts that cells share, as UTF-8 in one piece."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("q", [0])

    def add(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "replace")
        self._ends.append(len(self._bytes))

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self._ends) - 1:
            raise damaged_sheet()
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode()


class _Book:
    """What is read before any sheet: names, shared texts, and which formats are those of times."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._found: list[tuple[str, str, bool]] = []
        self._formats: dict[str, str] = {}
        self._style_is_time: list[bool] = []
        self._in_styles = False
        self._strings: _Strings | None = None
        self.begins_1904 = False

    def sheets(self) -> list[tuple[str, str, bool]]:
        """Name, path in the archive, and whether it is hidden."""
        paths: dict[str, str] = {}

        def related(name: str, found: Attributes) -> None:
            if name == "Relationship":
                target = found.get("Target", "")
                paths[found.get("Id", "")] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"

        def named(name: str, found: Attributes) -> None:
            if name == "workbookPr":
                self.begins_1904 = found.get("date1904") in {"1", "true"}
            if name == "sheet":
                path = paths.get(found.get("r:id", ""), "")
                self._found.append((found.get("name", ""), path, found.get("state", "") != ""))

        self.go_through("xl/_rels/workbook.xml.rels", related)
        self.go_through("xl/workbook.xml", named)
        names = set(self._archive.namelist())
        if "xl/styles.xml" in names:
            self.go_through("xl/styles.xml", self._styled, self._unstyled)
        return [sheet for sheet in self._found if sheet[1] in names and "worksheets/" in sheet[1]]

    def go_through(
        self, path: str, start: _Starts, end: _Says | None = None, text: _Says | None = None
    ) -> None:
        """All of a small part of the workbook."""
        for _piece in self.pieces(path, XmlReader(start, end or _pass, text or _pass)):
            pass

    def pieces(self, path: str, reader: XmlReader) -> Iterator[None]:
        """A part of the workbook, piece by piece."""
        try:
            packed = self._archive.getinfo(path).compress_size
            with self._archive.open(path) as file:
                yield from reader.read(file, min(_MAX_PART, max(_FREE, packed * _MAX_RATIO)))
        except _BROKEN as problem:
            raise damaged_sheet() from problem

    def _styled(self, name: str, found: Attributes) -> None:
        if name == "numFmt":
            self._formats[found.get("numFmtId", "")] = _NO_FORMAT.sub("", found.get("formatCode", ""))
        elif name == "cellXfs":
            self._in_styles = True
        elif name == "xf" and self._in_styles:
            self._style_is_time.append(self._is_time(found.get("numFmtId", "0")))

    def _unstyled(self, name: str) -> None:
        self._in_styles = self._in_styles and name != "cellXfs"

    def _is_time(self, number: str) -> bool:
        own = self._formats.get(number)
        if own is not None:
            return _TIME_FORMAT.search(own) is not None
        return number.isdecimal() and int(number) in _BUILT_IN_TIMES

    def is_time(self, style: str) -> bool:
        """Whether cells of this style show a time."""
        return style.isdecimal() and int(style) < len(self._style_is_time) and self._style_is_time[int(style)]

    @property
    def strings(self) -> _Strings:
        """The texts that cells share."""
        if self._strings is None:
            self._strings = _Strings()
            if "xl/sharedStrings.xml" in self._archive.namelist():
                self._read_strings(self._strings)
        return self._strings

    def _read_strings(self, strings: _Strings) -> None:
        parts: list[str] = []
        inside = _Inside()

        def end(name: str) -> None:
            inside.end(name)
            if name == "si":
                strings.add("".join(parts))
                parts.clear()

        self.go_through(
            "xl/sharedStrings.xml",
            inside.start,
            end,
            lambda text: parts.append(text) if inside.text else None,
        )


class _Inside:
    """Whether the reader stands in text: in `t`, but not in the reading aid `rPh`."""

    def __init__(self) -> None:
        self.text = self._aid = False

    def start(self, name: str, _found: Attributes) -> None:
        self._aid = self._aid or name == "rPh"
        self.text = name == "t" and not self._aid

    def end(self, name: str) -> None:
        self._aid = self._aid and name != "rPh"
        self.text = False


def _records(book: _Book, path: str, sheet: Sheet) -> Iterator[Record]:
    rows = _Rows(book, sheet)
    for _piece in book.pieces(path, XmlReader(rows.start, rows.end, rows.text)):
        while rows.done:
            yield rows.done.popleft()


class _Rows:
    """Puts the rows of a sheet together from its elements."""

    def __init__(self, book: _Book, sheet: Sheet) -> None:
        self._book, self._sheet = book, sheet
        self.done: deque[Record] = deque()
        self._number = self._column = 0
        self._cells: list[str] = []
        self._fault: str | None = None
        self._type = self._style = ""
        self._parts: list[str] = []
        self._size = 0
        self._inside = _Inside()
        self._in_value = False

    def start(self, name: str, found: Attributes) -> None:
        """An element begins."""
        if name == "c":
            self._start_cell(found)
        elif name == "v":
            self._in_value = True
        elif name == "row":
            stated = found.get("r", "")
            self._number = int(stated) if stated.isdecimal() and len(stated) < 9 else self._number + 1
            self._column, self._cells, self._fault = 0, [], None
        elif name == "f":
            self._sheet.n_formulas += 1
        self._inside.start(name, found)

    def _start_cell(self, found: Attributes) -> None:
        place = _PLACE.fullmatch(found.get("r", ""))
        self._column = _column(place[1]) if place else self._column + 1
        self._type, self._style = found.get("t", "n"), found.get("s", "")
        self._parts, self._size = [], 0

    def text(self, text: str) -> None:
        """Some text of a cell."""
        if self._in_value or self._inside.text:
            self._size += len(text)
            if self._size <= MAX_CELL:
                self._parts.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        self._inside.end(name)
        if name == "v":
            self._in_value = False
        elif name == "c":
            self._end_cell()
        elif name == "row" and (self._fault or any(map(str.strip, self._cells))):
            self.done.append(Record(self._number, () if self._fault else tuple(self._cells), self._fault))

    def _end_cell(self) -> None:
        if not self._parts:
            return
        text = self._said("".join(self._parts))
        if self._column > MAX_CELLS:
            self._fault = self._fault or too_many()
        elif self._size > MAX_CELL or len(text) > MAX_CELL:
            self._fault = self._fault or too_long()
        elif text:
            self._cells += [""] * (self._column - len(self._cells) - 1)
            self._cells[self._column - 1 :] = [text]

    def _said(self, stored: str) -> str:
        if self._type == "s":
            return self._book.strings[int(stored) if stored.isdecimal() and len(stored) < 10 else -1]
        if self._type == "b":
            return "TRUE" if stored == "1" else "FALSE"
        if self._type != "n":
            return stored
        if self._style and self._book.is_time(self._style):
            return _time(stored, self._book.begins_1904)
        return number_text(stored)


def _pass(_said: str) -> None:
    pass


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - 64
    return place


def _time(stored: str, begins_1904: bool) -> str:
    try:
        days = float(stored) + (1462 if begins_1904 else 0)
    except ValueError:
        return stored
    if not 0 <= days < _LAST_DAY:
        return number_text(stored)
    # Day 60 is the 29 February 1900 that never was.
    moment = datetime(1899, 12, 30 if days >= 60 else 31) + timedelta(days=days)  # noqa: DTZ001 - it has none
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    if days < 1:
        return moment.strftime("%H:%M:%S")
    return moment.strftime("%Y-%m-%d" if float(days).is_integer() else "%Y-%m-%d %H:%M:%S")

"""From text to records of cells: delimiters, quotes, line ends, and cells that are too long.

The standard reader takes whole stretches of records at once where its strict reading is certain to be ours.
All else is read here, step by step: the standard one keeps a cell of any size in memory, has one limit for
the whole process, and gives up a file for one stray quotation mark.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from itertools import chain, count, repeat
from operator import itemgetter
from typing import NamedTuple

from server.errors import Refusal
from server.language import _, number

MAX_CELL = 100_000
MAX_CELLS = 2_000
DELIMITERS = (",", ";", "\t")

_EMPTY_LINES = re.compile(r"[\r\n]+")
# Less text than this is not worth handing on.
_STRETCH = 4_096
_START, _PLAIN, _QUOTED, _CLOSED = range(4)


class Record(NamedTuple):
    """The cells of one record, none with a `fault`; `number` counts as a spreadsheet's rows do."""

    number: int
    cells: tuple[str, ...]
    fault: str | None = None


def read_records(pieces: Iterable[str], delimiter: str) -> Iterator[Record]:
    """All records that are not blank; refuses a text that ends within quotation marks."""
    reader = RecordReader(delimiter)
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.finish()


@dataclass
class RecordReader:
    """Reads records from pieces of text, which may end anywhere."""

    delimiter: str
    _state: int = _START
    _number: int = 1
    _opened: int = 0
    _after_return: bool = False
    _length: int = 0
    _fault: str | None = None
    _has_lone_returns: bool = False
    _is_regular: bool = True
    _parts: list[str] = field(default_factory=list)
    _cells: list[str] = field(default_factory=list)
    _done: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._plain = re.compile(rf"[^{self.delimiter}\r\n]*")
        # A return at the very end of a piece may be the first half of a line end.
        self._simple_line = re.compile(r'([^"\r\n]*+)(?:\r\n|\n|\r(?!\n|\Z))')
        # A whole cell with what ends it: most cells, at one stroke. All others go by the states below.
        self._whole_cell = re.compile(
            rf'(?:"([^"]*+(?:""[^"]*+)*+)" *+|([^"{self.delimiter}\r\n][^{self.delimiter}\r\n]*+)|)'
            rf"({self.delimiter}|\r\n|\n)"
        )
        self._sure_end_of_cell = re.compile(rf'[\r\n]|{self.delimiter}"')

    def feed(self, text: str) -> list[Record]:
        """The records that are complete with this piece."""
        position = 0
        self._has_lone_returns = text.count("\r", 0, len(text) - 1) > text.count("\r\n")
        self._is_regular = not self._has_lone_returns
        while position < len(text):
            position = self._stretch(text, position) or self._step(text, position)
        done, self._done = self._done, []
        return done

    def finish(self) -> list[Record]:
        """The last record, if no line end follows it."""
        if self._state == _QUOTED:
            raise Refusal(
                _(
                    "The quotation mark that opens in row {row} is never closed, "
                    "so the rows after it cannot be told apart. "
                    "Close it, or double it if it belongs to the text, and upload the file again."
                ).format(row=self._opened)
            )
        if self._cells or self._parts or self._fault or self._state != _START:
            self._end_record()
        return self.feed("")

    def _stretch(self, text: str, position: int) -> int:
        """Take as many whole records as the standard reader can be trusted with; 0 if there are none."""
        is_between = self._state == _START and not (self._cells or self._fault or self._after_return)
        if not (self._is_regular and is_between) or len(text) - position < _STRETCH:
            return 0
        # Whatever happens, only once for each piece: what is left is less than a record, or irregular.
        self._is_regular = False
        end = _probable_end(text, position)
        if end <= position:
            return 0
        lines = StringIO(text[position:end], newline="\n")
        try:
            rows = list(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except csv.Error:
            return 0
        if max(map(len, rows)) > MAX_CELLS or max(map(len, chain.from_iterable(rows)), default=0) > MAX_CELL:
            return 0
        self._take_rows(rows)
        return end

    def _take_rows(self, rows: Sequence[list[str]]) -> None:
        if all(rows) and all(map(str.strip, map(itemgetter(0), rows))):
            # What `Record._make` does, without a call of Python for each of a million.
            records = zip(count(self._number), map(tuple, rows), repeat(None), strict=False)
            self._done += map(tuple.__new__, repeat(Record), records)
            self._number += len(rows)
            return
        for cells in rows:
            if cells and (cells[0].strip() or any(map(str.strip, cells))):
                self._done.append(Record(self._number, tuple(cells)))
            self._number += 1

    def _step(self, text: str, position: int) -> int:
        if self._after_return:
            self._after_return = False
            if text[position] == "\n":
                return position + 1
        if self._state == _START:
            return self._start(text, position)
        if self._state == _PLAIN:
            return self._read_plain(text, position)
        return self._read_quoted(text, position) if self._state == _QUOTED else self._close(text, position)

    def _start(self, text: str, position: int) -> int:
        if self._fault and text[position] != '"':
            return self._skip(text, position)
        if self._cells:
            return self._start_cell(text, position)
        after = self._plain_lines(text, position) or self._whole_lines(text, position)
        return after if after > position else self._start_cell(text, position)

    def _start_cell(self, text: str, position: int) -> int:
        whole = self._whole_cell.match(text, position)
        if whole and whole.end() - position <= MAX_CELL:
            self._take_cell(whole)
            return whole.end()
        if text[position] == '"':
            self._state, self._opened = _QUOTED, self._number
            return position + 1
        self._state = _PLAIN
        return position

    def _take_cell(self, whole: re.Match[str]) -> None:
        quoted, plain, end = whole.groups()
        self._parts = [quoted.replace('""', '"') if quoted else plain or ""]
        if end == self.delimiter:
            self._add_cell()
        else:
            self._end_record()

    def _plain_lines(self, text: str, position: int) -> int:
        """Take all whole lines up to the next quotation mark at once; 0 if there are none."""
        if self._has_lone_returns:
            return 0
        mark = text.find('"', position)
        end = text.rfind("\n", position, mark if mark >= 0 else len(text))
        if end < 0:
            return 0
        end += 1
        for line in text[position:end].replace("\r\n", "\n")[:-1].split("\n"):
            self._take_line(line)
        return end

    def _whole_lines(self, text: str, position: int) -> int:
        """Take empty lines, or a line without quotation marks, at once; stay if there is none."""
        empty = _EMPTY_LINES.match(text, position)
        if empty:
            self._count_empty(empty[0])
            return empty.end()
        line = self._simple_line.match(text, position)
        if line is None or line.end() - position > MAX_CELL:
            return position
        self._take_line(line[1])
        return line.end()

    def _count_empty(self, ends: str) -> None:
        self._number += ends.count("\n") + ends.count("\r") - ends.count("\r\n")
        self._after_return = ends.endswith("\r")

    def _skip(self, text: str, position: int) -> int:
        """Pass over cells of a record that is refused anyway, so that a million of them take no time."""
        self._state = _PLAIN
        found = self._sure_end_of_cell.search(text, position)
        return found.start() if found else max(position, len(text) - 1)

    def _take_line(self, line: str) -> None:
        cells = tuple(line.split(self.delimiter))
        fault = None
        if len(line) > MAX_CELL or len(cells) > MAX_CELLS:
            fault = _fault_of_size(cells)
        self._finish_record(() if fault else cells, fault)

    def _finish_record(self, cells: tuple[str, ...], fault: str | None) -> None:
        """Keep a record unless it is blank: no cell holds anything to see."""
        if fault or any(map(str.strip, cells)):
            self._done.append(Record(self._number, cells, fault))
        self._number += 1

    def _read_plain(self, text: str, position: int) -> int:
        end = self._end_of_plain(text, position)
        self._keep(text[position:end])
        return end if end == len(text) else self._end_cell(text[end], end)

    def _end_of_plain(self, text: str, position: int) -> int:
        found = self._plain.match(text, position)
        return found.end() if found else position

    def _read_quoted(self, text: str, position: int) -> int:
        end = text.find('"', position)
        if end < 0:
            self._keep(text[position:])
            return len(text)
        self._keep(text[position:end])
        self._state = _CLOSED
        return end + 1

    def _close(self, text: str, position: int) -> int:
        character = text[position]
        if character == '"':
            self._keep('"')
            self._state = _QUOTED
        elif character in (self.delimiter, "\r", "\n"):
            return self._end_cell(character, position)
        elif character != " ":
            self._fault = self._fault or _stray_quote()
            self._state = _PLAIN
        return position + 1

    def _end_cell(self, character: str, position: int) -> int:
        if character == self.delimiter:
            self._add_cell()
        else:
            self._after_return = character == "\r"
            self._end_record()
        return position + 1

    def _keep(self, part: str) -> None:
        self._length += len(part)
        if self._length <= MAX_CELL:
            self._parts.append(part)
            return
        self._parts.clear()
        self._fault = self._fault or too_long()

    def _add_cell(self) -> None:
        if len(self._cells) < MAX_CELLS:
            self._cells.append("".join(self._parts))
        else:
            self._fault = self._fault or too_many()
        self._parts, self._length, self._state = [], 0, _START

    def _end_record(self) -> None:
        self._add_cell()
        self._finish_record(() if self._fault else tuple(self._cells), self._fault)
        self._cells, self._fault = [], None


def _probable_end(text: str, start: int) -> int:
    """After the last line end before which quotation marks come in pairs; `start` if there is none."""
    end = text.rfind("\n", start) + 1
    is_open = text.count('"', start, end) % 2
    while is_open and end > start:
        before = text.rfind("\n", start, end - 1) + 1
        is_open ^= text.count('"', max(before, start), end) % 2
        end = before
    return max(end, start)


def detect_delimiter(sample: str, is_whole: bool, filename: str) -> str | None:
    """The delimiter that cuts the sample into the most regular table, or None if none gives two columns.

    `is_whole` says that the sample is all of the text. Delimiters inside quotation marks do not count,
    since each candidate is tried by reading records with it.
    """
    order = ("\t", ",", ";") if filename.lower().endswith((".tsv", ".tab")) else DELIMITERS
    scores = {delimiter: _regularity(sample, is_whole, delimiter) for delimiter in order}
    best = max(order, key=lambda delimiter: scores[delimiter])
    return best if scores[best][1] > 1 else None


def _regularity(sample: str, is_whole: bool, delimiter: str) -> tuple[float, int]:
    reader = RecordReader(delimiter)
    records = reader.feed(sample)
    if is_whole or not records:
        # A quotation mark left open is told when the file is read; here it only ends the sample.
        records += reader.feed("\n")
    width = len(records[0].cells) if records else 0
    if width < 2:
        return (0.0, width)
    regular = sum(record.fault is None and len(record.cells) == width for record in records)
    return (regular / len(records), width)


def _fault_of_size(cells: tuple[str, ...]) -> str | None:
    if len(cells) > MAX_CELLS:
        return too_many()
    return too_long() if max(map(len, cells)) > MAX_CELL else None


def too_long() -> str:
    """What is said of a cell that is not kept."""
    return _("A cell holds more than {limit} characters.").format(limit=number(MAX_CELL))


def too_many() -> str:
    """What is said of a row that is not kept."""
    return _("The row has more than {limit} cells.").format(limit=number(MAX_CELLS))


def _stray_quote() -> str:
    return _("Text follows a closing quotation mark. A quotation mark inside a cell has to be doubled.")

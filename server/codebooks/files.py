"""From an uploaded codebook file to its columns and rows.

A codebook is small, so it is read as a whole. Posts, which are not, have a reader of their own.
"""

import codecs
import csv
from collections.abc import Sequence
from io import StringIO
from typing import BinaryIO

from server.codebooks.markdown import is_markdown, read_markdown
from server.codebooks.refi import is_refi, read_refi, unknown
from server.codebooks.sheet import COLUMNS, CodebookReading, FileRow, read_codebook
from server.datasets.formulas import unguard_cell
from server.errors import Refusal
from server.language import gettext as _

MAX_BYTES = 1024 * 1024
# A project has its sources with it.
MAX_PROJECT_BYTES = 100 * MAX_BYTES
_DELIMITERS = (",", ";", "\t")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_TYPES = (
    b"\xd0\xcf\x11\xe0",
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"{",
    b"[",
    b"<",
)


def read_opened(file: BinaryIO, filename: str) -> CodebookReading:
    """The codebook in an opened file, of which no more is read than may be in it."""
    return read_file(file.read(MAX_PROJECT_BYTES + 1), filename)


def read_file(content: bytes, filename: str) -> CodebookReading:
    """The codebook in a CSV, Markdown or REFI-QDA file; `Refusal` where it cannot be read as a whole."""
    if is_refi(content) and len(content) <= MAX_PROJECT_BYTES:
        return read_refi(content, filename)
    if len(content) > MAX_BYTES:
        raise _refused(
            _("“{filename}” is larger than 1 MB. A codebook has one short row for each code."), filename
        )
    if content.startswith(_OTHER_TYPES):
        raise unknown(filename)
    text = _decoded(content)
    if is_markdown(filename, text):
        return read_markdown(text.replace("\0", "\ufffd"), filename)
    return read_text(text, filename)


def read_text(text: str, filename: str) -> CodebookReading:
    """The codebook in a text of comma-, semicolon- or tab-separated values."""
    if "\0" in text:
        raise _refused(
            _(
                "The characters of “{filename}” cannot be read. "
                "Save it again as CSV (UTF-8) and upload that file."
            ),
            filename,
        )
    if not text.strip():
        raise _refused(
            _("“{filename}” is empty. Choose a file with a header row and a row for each code."), filename
        )
    records = _records(text.replace("\r\n", "\n").replace("\r", "\n"), filename)
    if not records:
        raise _refused(_("“{filename}” holds nothing but empty cells."), filename)
    columns = [name.strip().casefold() for name in records[0].cells]
    _refuse_repeated(columns)
    rows = [_fitted(_unguarded(row), len(columns)) for row in records[1:]]
    reading = read_codebook(columns, rows)
    if not rows:
        raise _refused(
            _("“{filename}” has a header but no row below it. Write one row for each code."), filename
        )
    return reading


def _decoded(content: bytes) -> str:
    codec = next((codec for mark, codec in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        # NUL is what `read_text` refuses: a marked encoding leaves no other reading.
        return content.decode("cp1252", errors="replace") if codec == "utf-8" else "\0"


def _records(text: str, filename: str) -> list[FileRow]:
    """All records that hold something, numbered as a spreadsheet numbers its rows."""
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=lambda candidate: _known_columns(first, candidate))
    try:
        rows = list(csv.reader(StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        message = _(
            "A quotation mark of “{filename}” is never closed, or text follows it. Mend it and try again."
        )
        raise _refused(message, filename) from error
    return [
        FileRow(number, tuple(cells))
        for number, cells in enumerate(rows, start=1)
        if any(cell.strip() for cell in cells)
    ]


def _known_columns(header: str, delimiter: str) -> int:
    names = {name.strip().strip('"').casefold() for name in header.split(delimiter)}
    return len(names & set(COLUMNS))


def _refuse_repeated(columns: Sequence[str]) -> None:
    repeated = next((name for name in columns if name in COLUMNS and columns.count(name) > 1), None)
    if repeated:
        message = _("The column “{column}” stands there more than once. Keep one of them.")
        raise Refusal(message.format(column=repeated))


def _unguarded(row: FileRow) -> FileRow:
    """The row without the apostrophes by which our own files keep spreadsheets from computing a cell."""
    return FileRow(row.number, tuple(unguard_cell(cell) for cell in row.cells))


def _fitted(row: FileRow, width: int) -> FileRow:
    """The row with as many cells as the header: spreadsheets leave out empty cells at the end."""
    if any(cell.strip() for cell in row.cells[width:]):
        message = _(
            "Row {row} has {found} cells, but the header has {expected}. "
            "Perhaps a cell with a comma lacks its quotation marks."
        )
        raise Refusal(message.format(row=row.number, found=len(row.cells), expected=width))
    return FileRow(row.number, (*row.cells[:width], *[""] * (width - len(row.cells))))


def _refused(message: str, filename: str) -> Refusal:
    return Refusal(message.format(filename=filename))

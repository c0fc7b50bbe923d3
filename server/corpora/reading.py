"""From an uploaded file of any known kind to a table of posts, as its own program would have it read."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

from server.corpora.columnar import parquet_records
from server.corpora.exports.known import known_table
from server.corpora.joining import joined
from server.corpora.kinds import Kind
from server.corpora.objects import object_table
from server.corpora.ods import ods_sheets
from server.corpora.packing import Part, Unpacked, unpacked_parts
from server.corpora.parsing import Origin, Table, read_text_table, tabulate, without_preamble
from server.corpora.recognised import as_written
from server.corpora.sheets import Sheet, choose_sheet
from server.corpora.xlsx import xlsx_sheets
from server.errors import Refusal
from server.language import _, ngettext, number

# More names than these nobody chooses from.
MAX_SHEETS = 200
_OBJECTS = frozenset({Kind.JSON, Kind.JSON_LINES})


def read_posts(content: bytes | BinaryIO, filename: str, sheet: int = 0) -> Table:
    """The posts in a file, or in the files packed in it; Refusal where it cannot be read as a whole.

    `sheet` is the place of the sheet to read in a workbook, from 1 on; 0: the first with rows.
    """
    file = BytesIO(content) if isinstance(content, bytes) else content
    with unpacked_parts(file, filename) as found:
        kind = found.parts[0].kind
        if kind in _OBJECTS:
            table = object_table(found.parts, kind)
        else:
            table = _recognised(joined([(part.path, _read(part, sheet)) for part in found.parts]))
        return replace(table, origin=_told(table.origin, found))


def _told(origin: Origin, found: Unpacked) -> Origin:
    notes = origin.notes
    if found.passed_over:
        said = _("Passed over, since no posts can be read in them: {files}.")
        notes += (said.format(files=", ".join(found.passed_over[:10])),)
    return replace(origin, notes=notes)


def _read(part: Part, sheet: int) -> Table:
    readers: dict[Kind, Callable[[Part], Table]] = {
        Kind.TEXT: _read_text,
        Kind.XLSX: lambda part: _read_sheet(part, xlsx_sheets(part.file), sheet),
        Kind.ODS: lambda part: _read_sheet(part, ods_sheets(part.file), sheet),
        Kind.PARQUET: _read_parquet,
    }
    return readers[part.kind](part)


def _read_text(part: Part) -> Table:
    if not part.file.read(4096).strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise Refusal(_("“{filename}” is empty. Choose a file with a header row.").format(filename=part.path))
    part.file.seek(0)
    return read_text_table(part.file, part.path, begins_later=True)


def _read_sheet(part: Part, sheets: list[Sheet], wanted: int) -> Table:
    chosen = choose_sheet(sheets, wanted)
    records, notes = without_preamble(chosen.records)
    origin = Origin(part.kind.value, notes=notes)
    table = tabulate(records, "", "", origin, completes=True)
    said = [_("Read from the sheet “{sheet}”.").format(sheet=chosen.sheet.name)]
    if chosen.others and not wanted:
        others = ", ".join(f"“{name}”" for name in chosen.others[:10])
        said = [
            _("Read from the sheet “{sheet}”, the first with rows. Not read: {others}.").format(
                sheet=chosen.sheet.name, others=others
            )
        ]
    if n := chosen.sheet.n_formulas:
        words = ngettext(
            "{n} cell is a formula; what it showed last is read.",
            "{n} cells are formulas; what they showed last is read.",
            n,
        )
        said.append(words.format(n=number(n)))
    notes = (*said, *notes)
    return replace(
        table, origin=replace(origin, notes=notes, sheets=chosen.names[:MAX_SHEETS], sheet=chosen.place)
    )


def _read_parquet(part: Part) -> Table:
    return tabulate(parquet_records(part.file, part.path), "", "", Origin(part.kind.value))


def _recognised(table: Table) -> Table:
    export = known_table(table.columns)
    return as_written(table, export) if export else table

"""What was read in an uploaded file, kept beside it: it is read once, however often it is looked at.

Its rows are looked through at once, too, by the mapping that is probably meant: preview and import then only
ask what was found, unless the lead chooses other columns.

The words in it (names of columns without one, reasons of rows that are refused) are of the language in which
the file was uploaded.
"""

import json
import zlib
from dataclasses import asdict, dataclass
from typing import Any

from server.corpora.actions import guessed_mapping
from server.corpora.compact import Rows, blocks_of
from server.corpora.drafting import survey
from server.corpora.parsing import Origin, RefusedRow, Table
from server.corpora.queries import UploadedFile
from server.corpora.surveyed import Surveyed
from server.corpora.uploads import packed_hash, packed_posts
from server.errors import Refusal

_SIZE = 8


@dataclass(frozen=True)
class Reading:
    """The posts in a file, and the SHA-256 of the file."""

    table: Table
    file_hash: str


def reading_of(file: UploadedFile) -> Reading:
    """What was read in a waiting file; it is read now where nothing is kept of it."""
    if file.reading is not None:
        return from_kept(file.reading)
    return Reading(packed_posts(file.content, file.filename), packed_hash(file.content))


def as_kept(reading: Reading) -> bytes:
    """A reading as bytes: the rows in compressed blocks, behind what was found in them and all else."""
    table = reading.table
    surveyed = _surveyed(table)
    about = {
        "columns": table.columns,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "refused": _pairs(table.refused),
        "short": table.short,
        "left_out": _pairs(table.left_out),
        "origin": asdict(table.origin),
        "file_hash": reading.file_hash,
        "surveyed": len(surveyed),
    }
    head = zlib.compress(json.dumps(about).encode(), level=1)
    return b"".join([len(head).to_bytes(_SIZE, "big"), head, surveyed, *_rows(table).packed()])


def from_kept(content: bytes) -> Reading:
    """The reading again; its rows stay compressed until they are asked for."""
    end = _SIZE + int.from_bytes(content[:_SIZE], "big")
    about = json.loads(zlib.decompress(content[_SIZE:end]))
    rest = memoryview(content)[end:]
    n_surveyed = about.get("surveyed", 0)  # Files that wait since an older version have none.
    table = Table(
        columns=tuple(about["columns"]),
        rows=Rows.unpacked(rest[n_surveyed:]),
        encoding=about["encoding"],
        delimiter=about["delimiter"],
        refused=[RefusedRow(*pair) for pair in about["refused"]],
        short=about["short"],
        left_out=[RefusedRow(*pair) for pair in about["left_out"]],
        origin=_origin(about["origin"]),
        surveyed=Surveyed.unpacked(rest[:n_surveyed]) if n_surveyed else None,
    )
    return Reading(table, about["file_hash"])


def _surveyed(table: Table) -> bytes:
    try:
        return survey(table, guessed_mapping(table)).packed()
    except Refusal:  # It is said where it can be mended: beside the mapping.
        return b""


def _origin(about: dict[str, Any]) -> Origin:
    return Origin(**about | {"notes": tuple(about["notes"]), "sheets": tuple(about["sheets"])})


def _pairs(rows: list[RefusedRow]) -> list[tuple[int, str]]:
    return [(row.number, row.reason) for row in rows]


def _rows(table: Table) -> Rows:
    if isinstance(table.rows, Rows):
        return table.rows
    rows = Rows(len(table.columns))
    for _start, numbers, columns in blocks_of(table.rows):
        rows.extend(numbers, zip(*columns, strict=True))
    return rows

"""What was read in an uploaded file, kept beside it: it is read once, however often it is looked at.

Its rows are looked through at once, too, by the mapping that is probably meant: preview and import then only
ask what was found, unless the lead chooses other columns.

The words in it (names of columns without one, reasons of rows that are refused) are of the language in which
the file was uploaded.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, BinaryIO

from server.corpora.actions import guessed_mapping
from server.corpora.compact import AtHand, Rows, Source, rows_from
from server.corpora.drafting import survey
from server.corpora.parcels import FILE, READING, Find, Pieces
from server.corpora.parsing import Origin, RefusedRow, Table
from server.corpora.queries import UploadedFile
from server.corpora.reading import read_posts
from server.corpora.surveyed import Surveyed
from server.corpora.uploads import Packed, hash_of_file, packed_hash, packed_posts
from server.errors import Refusal

_SIZE = 8


@dataclass(frozen=True)
class Reading:
    """The posts in a file, and the SHA-256 of the file."""

    table: Table
    file_hash: str


def reading_of(file: UploadedFile, find: Find) -> Reading:
    """What was read in a waiting file; it is read now where nothing is kept of it.

    Rows are looked up when they are asked for, which raises `NotFound` where the file is gone by then.
    """
    if READING in file.parcels:
        return from_kept(Pieces(partial(find, file.parcels[READING])))
    if file.reading is not None:
        return from_kept(AtHand(file.reading))
    content = content_of(file, find)
    return Reading(packed_posts(content, file.filename), packed_hash(content))


def read_and_kept(file: BinaryIO, filename: str, sheet: int = 0) -> Iterator[tuple[int, bytes]]:
    """The reading of a file as bytes, some at a time, each with how many sheets the file has.

    Raises:
        Refusal: It cannot be read, which is known before the first bytes come.
    """
    table = read_posts(file, filename, sheet)
    for some in as_kept(Reading(table, hash_of_file(file))):
        yield len(table.origin.sheets), some


def content_of(file: UploadedFile, find: Find) -> Packed:
    """A waiting file itself."""
    return Pieces(partial(find, file.parcels[FILE])) if FILE in file.parcels else file.content


def at_hand(table: Table) -> Table:
    """The table with its rows in memory, compressed: none of them is looked up any more."""
    return replace(table, rows=rows_from(b"".join(table.compressed().packed())))


def as_kept(reading: Reading) -> Iterator[bytes]:
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
    yield len(head).to_bytes(_SIZE, "big") + head
    yield surveyed
    yield from table.compressed().packed()


def from_kept(content: Source) -> Reading:
    """The reading again; its rows stay where they are until they are asked for."""
    end = _SIZE + int.from_bytes(content.read(0, _SIZE), "big")
    about = json.loads(zlib.decompress(content.read(_SIZE, end)))
    n_surveyed = about.get("surveyed", 0)  # Files that wait since an older version have none.
    start, end = end, end + n_surveyed
    table = Table(
        columns=tuple(about["columns"]),
        rows=Rows.unpacked(content, end),
        encoding=about["encoding"],
        delimiter=about["delimiter"],
        refused=[RefusedRow(*pair) for pair in about["refused"]],
        short=about["short"],
        left_out=[RefusedRow(*pair) for pair in about["left_out"]],
        origin=_origin(about["origin"]),
        surveyed=Surveyed.unpacked(memoryview(content.read(start, end))) if n_surveyed else None,
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

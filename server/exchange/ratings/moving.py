"""Codings as other programs export them, as rows of post, coder, question and code. Pure.

Label Studio (JSON), Potato (JSON Lines, CSV, TSV) and doccano (JSON Lines, a file an annotator), see
`programs`; ReCal's matrices, and tables with a column an annotator. In doccano's files, ReCal's and these
tables no row names a question (`one_question`).
"""

import json
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import BinaryIO

from server.corpora.compact import Row
from server.corpora.encodings import decoded, detect_encoding
from server.corpora.parsing import Origin, RefusedRow, Table, read_table
from server.errors import Refusal
from server.exchange.ratings import unanswered
from server.exchange.ratings.one_question import WIDE
from server.exchange.ratings.programs import POTATO, Records, potato_columns, potato_row, program_of
from server.exchange.ratings.recal import is_matrix, matrix_in
from server.exchange.spreadsheets import unguarded
from server.language import gettext as _

COLUMNS = ("post_id", "coder", "question", "code", "value", "rated_at")
MOST_BYTES = 200 << 20
MISSING = frozenset({"", "NA", "NaN", "null"})
_IDS = ("post_id", "id", "unit", "item")
_CODERS = frozenset({"coder", "annotator"})

# Numbers stay as they are written: some are longer than any that can be reckoned with.
_load = partial(json.loads, parse_int=str)


def codings_in(file: BinaryIO, filename: str) -> Table:
    """The codings in a file, as this program or another one writes them.

    Raises:
        Refusal: it cannot be read, or is of no known program.
    """
    table = _codings_in(file, filename)
    return replace(table, rows=table.compressed())


def _codings_in(file: BinaryIO, filename: str) -> Table:
    if _is_json(file):
        return exported(file, filename)
    if is_matrix(file):
        return matrix_in(file, filename)
    table = unguarded(read_table(file, filename))
    return from_potato(table, filename) if potato_columns(table.columns) else from_wide(table, filename)


def _is_json(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}


def exported(file: BinaryIO, filename: str) -> Table:
    """The codings in a JSON file of a known program.

    Raises:
        Refusal: it cannot be read, or is of no known program.
    """
    records, refused = _records(file, filename)
    program = program_of(records[0][1]) if records else None
    if program is None:
        words = _("“{filename}” is of no known program. Known are Label Studio, Potato and doccano.")
        raise Refusal(words.format(filename=filename))
    alike = [(number, one) for number, one in records if program.knows(one)]
    program.check(one for _number, one in alike)
    said = ((number, said) for number, one in alike for said in program.read(one, _stem(filename)))
    unlike = _("The record is not like the others, which are of {export}.").format(export=program.name)
    refused += [RefusedRow(number, unlike) for number, one in records if not program.knows(one)]
    origin = Origin("JSON", export=program.name)
    return Table(unanswered.COLUMNS, unanswered.rows_of(said), "UTF-8", ",", refused, origin=origin)


def from_potato(table: Table, filename: str) -> Table:
    """Potato's table, with a column for each label of each schema, as rows."""
    said = (
        (row.number, said)
        for row in table.rows
        for said in potato_row(table.columns, row.cells, _stem(filename))
    )
    origin = replace(table.origin, export=POTATO)
    return replace(table, columns=unanswered.COLUMNS, rows=unanswered.rows_of(said), origin=origin)


def from_wide(table: Table, filename: str) -> Table:
    """A table with a column an annotator as rows; any other table as it is."""
    names = [name.strip().lower() for name in table.columns]
    if names[0] not in _IDS or len(names) < 3 or _CODERS & set(names):
        return table
    rows = [
        Row(row.number, (row.cells[0].strip(), coder.strip(), _stem(filename), code, "", ""))
        for row in table.rows
        for coder, cell in zip(table.columns[1:], row.cells[1:], strict=True)
        for code in _codes(cell)
    ]
    origin = Origin("CSV", export=WIDE)
    return Table(COLUMNS, rows, table.encoding, table.delimiter, table.refused, origin=origin)


def _codes(cell: str) -> list[str]:
    return [code for each in cell.split(";") if (code := each.strip()) not in MISSING]


def _stem(filename: str) -> str:
    return PurePath(filename).name.partition(".")[0]


# Reading


def _records(file: BinaryIO, filename: str) -> tuple[Records, list[RefusedRow]]:
    """The records with their numbers: of a list their places in it, else their lines."""
    file.seek(0, 2)
    if file.tell() > MOST_BYTES:
        raise Refusal(_("“{filename}” is too large. Divide it.").format(filename=filename))
    file.seek(0)
    text = "".join(decoded(file, detect_encoding(file)))
    try:
        whole = _load(text)
    except (json.JSONDecodeError, RecursionError):
        return _lines(text)
    found = whole if isinstance(whole, list) else [whole]
    return [(place, one) for place, one in enumerate(found, start=1) if isinstance(one, dict)], []


def _lines(text: str) -> tuple[Records, list[RefusedRow]]:
    records, refused = [], []
    # Not at every sign that ends a line elsewhere: texts hold them.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            one = _load(line)
        except (json.JSONDecodeError, RecursionError):
            one = None
        if isinstance(one, dict):
            records.append((number, one))
        else:
            refused.append(RefusedRow(number, _("The line is no JSON object.")))
    return records, refused

"""Codings as other programs export them, as rows of post, coder, question and code. Pure.

Label Studio (JSON), Potato (JSON Lines) and doccano (JSON Lines, a file an annotator), ReCal's matrices, and
tables with a column an annotator. In doccano's files, ReCal's and these tables no row names a question
(`one_question`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import Any, BinaryIO

from server.corpora.compact import Row
from server.corpora.encodings import decoded, detect_encoding
from server.corpora.flattening import writable
from server.corpora.parsing import Origin, RefusedRow, Table, read_table
from server.errors import Refusal
from server.exchange.ratings.one_question import DOCCANO, WIDE
from server.exchange.ratings.recal import is_matrix, matrix_in
from server.exchange.spreadsheets import unguarded
from server.language import gettext as _

COLUMNS = ("post_id", "coder", "question", "code", "value", "rated_at")
MOST_BYTES = 200 << 20
MISSING = frozenset({"", "NA", "NaN", "null"})
_IDS = ("post_id", "id", "unit", "item")
_POST_IDS = ("post_id", "external_id", "tweet_id", "id")
_CODERS = frozenset({"coder", "annotator"})
# What stands beside a label that was chosen, where it is no answer itself.
_CHOSEN = frozenset({"true", "1", "on", "yes"})

# Numbers stay as they are written: some are longer than any that can be reckoned with.
_load = partial(json.loads, parse_int=str)

Cells = tuple[str, str, str, str, str, str]
Record = Mapping[str, Any]
Records = Sequence[tuple[int, Record]]


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
    return from_wide(unguarded(read_table(file, filename)), filename)


def _is_json(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"[", b"{"}


def exported(file: BinaryIO, filename: str) -> Table:
    """The codings in a JSON file of a known program.

    Raises:
        Refusal: it cannot be read, or is of no known program.
    """
    records, refused = _records(file, filename)
    for name, knows, read in _PROGRAMS:
        if records and knows(records[0][1]):
            said = ((number, cells) for number, one in records for cells in read(one, _stem(filename)))
            rows = [Row(number, tuple(map(writable, cells))) for number, cells in said]
            return Table(COLUMNS, rows, "UTF-8", ",", refused, origin=Origin("JSON", export=name))
    words = _("“{filename}” is of no known program. Known are Label Studio, Potato and doccano.")
    raise Refusal(words.format(filename=filename))


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
    for number, line in enumerate(text.splitlines(), start=1):
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


# Label Studio: a task has annotations, an annotation the results of several controls.


def _is_label_studio(one: Record) -> bool:
    return isinstance(one.get("annotations"), list) and isinstance(one.get("data"), dict)


def _label_studio(task: Record, _stem: str) -> Iterator[Cells]:
    named = _post_id(task["data"]) or _plain(task.get("id"))
    for annotation in _objects(task["annotations"]):
        if annotation.get("was_cancelled"):
            continue
        coder = _person(annotation.get("completed_by"))
        at = _plain(annotation.get("updated_at")) or _plain(annotation.get("created_at"))
        for result in _objects(annotation.get("result")):
            kind, value = _plain(result.get("type")), result.get("value")
            for code in _chosen(kind, value) if isinstance(value, dict) else ():
                yield (named, coder, _plain(result.get("from_name")), code, "", at)


def _objects(said: Any) -> list[Record]:
    """The objects of a list; none where it is something else."""
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


def _plain(said: Any) -> str:
    """A text or a number as text; nothing where it is something else."""
    return str(said) if isinstance(said, str | int | float) and not isinstance(said, bool) else ""


def _post_id(record: Record) -> str:
    return next((named for name in _POST_IDS if (named := _plain(record.get(name)))), "")


def _person(said: Any) -> str:
    """An annotator, who is a number or a record of the person."""
    if isinstance(said, dict):
        return next((name for key in ("email", "username", "id") if (name := _plain(said.get(key)))), "")
    return _plain(said)


def _chosen(kind: str, value: Record) -> list[str]:
    """The answers of a control; of a taxonomy the last code of each path. Passages alone are no answer."""
    said = value.get(kind)
    if kind == "taxonomy" and isinstance(said, list):
        return [str(path[-1]) for path in said if isinstance(path, list) and path]
    if kind == "textarea":
        said = value.get("text")
        return ["\n".join(map(str, said))] if isinstance(said, list) else [_plain(said)]
    if kind in {"choices", "rating", "number"} and said is not None:
        return [str(one) for one in said] if isinstance(said, list) else [str(said)]
    return []


# Potato: a line is what one annotator said of an item; a schema holds labels with what stands beside them.


def _is_potato(one: Record) -> bool:
    return "instance_id" in one and isinstance(one.get("label_annotations"), dict)


def _potato(one: Record, stem: str) -> Iterator[Cells]:
    coder = _plain(one.get("user_id")) or _plain(one.get("user")) or stem
    for question, labels in one["label_annotations"].items():
        for label, value in labels.items() if isinstance(labels, dict) else ():
            said = str(value).strip()
            if said.lower() not in {"false", "none", ""}:
                is_label = said.lower() in _CHOSEN or said == label
                yield (_plain(one["instance_id"]), coder, str(question), label if is_label else said, "", "")


# doccano: a record is an item with the labels of one annotator, after whom the file is called.


def _is_doccano(one: Record) -> bool:
    return isinstance(one.get("label"), list) and ("text" in one or "data" in one)


def _doccano(one: Record, stem: str) -> Iterator[Cells]:
    for label in one["label"]:
        if isinstance(label, str):
            yield (_post_id(one), _plain(one.get("annotator")) or stem, "", label, "", "")


_Read = Callable[[Record, str], Iterator[Cells]]
_PROGRAMS: tuple[tuple[str, Callable[[Record], bool], _Read], ...] = (
    ("Label Studio", _is_label_studio, _label_studio),
    ("Potato", _is_potato, _potato),
    (DOCCANO, _is_doccano, _doccano),
)

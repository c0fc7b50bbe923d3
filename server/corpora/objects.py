"""From objects in JSON to a table: posts of a known export, or the objects themselves, a column a path."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from server.corpora.compact import Rows
from server.corpora.exports.base import COLUMNS, ROLES, Found, Missing, ObjectExport
from server.corpora.exports.known import known_objects
from server.corpora.flattening import flattened
from server.corpora.json_records import (
    JsonRecord,
    Object,
    json_lines,
    json_objects,
    list_within,
    numbered,
)
from server.corpora.kinds import Kind
from server.corpora.packing import Part
from server.corpora.parsing import (
    MAX_ROWS,
    Origin,
    RefusedRow,
    Table,
    column_names,
    refuse_too_many_refused,
    refuse_too_many_rows,
)
from server.corpora.records import MAX_CELL, MAX_CELLS, too_long
from server.errors import Refusal
from server.language import _, number

_LOOKED_AT = 50


def object_table(parts: Sequence[Part], kind: Kind) -> Table:
    """The table of the posts in these files, which are read once, or twice where no export is known."""
    source = _Source(parts, kind)
    first = _first(source)
    export = known_objects(first)
    if export is None and source.is_one_object():
        source = _Source(parts, Kind.JSON, looks_within=True)
        export = known_objects(_first(source))
    table = _posts(source, export) if export else _rows(source)
    if not table.rows and not table.refused and not table.left_out:
        raise _no_posts()
    return table


def _first(source: "_Source") -> list[Object]:
    return [record.found for record in islice(source.records(), _LOOKED_AT) if not record.fault]


@dataclass
class _Source:
    """The objects of all files, numbered through; `looks_within` takes the list in a file of one object."""

    parts: Sequence[Part]
    kind: Kind
    looks_within: bool = False

    def records(self) -> Iterator[JsonRecord]:
        """The objects, and what is wrong where there is none."""
        offset = 0
        for part in self.parts:
            last = 0
            for record in self._of(part):
                last = max(1, record.number)
                yield record._replace(number=last + offset)
            offset += last

    def is_one_object(self) -> bool:
        """Whether the file is one object with a list in it, rather than a list, or an object a line."""
        first = list(islice(self._of(self.parts[0]), 2))
        if self.kind is Kind.JSON_LINES:
            return len(first) == 1 and list_within(first[0].found) is not None
        return bool(first) and first[0].number == 0

    def _of(self, part: Part) -> Iterator[JsonRecord]:
        found = json_lines(part.file) if self.kind is Kind.JSON_LINES else json_objects(part.file)
        for record in found:
            if self.looks_within and record.number == 0:
                yield from numbered(list_within(record.found) or ())
            else:
                yield record

    def origin(self) -> Origin:
        if len(self.parts) == 1:
            return Origin(self.kind.value)
        names = "; ".join(part.path for part in self.parts[:20])
        said = _("The posts of several files are numbered through, in this order: {files}.")
        return Origin(self.kind.value, notes=(said.format(files=names),))


def _posts(source: _Source, export: ObjectExport) -> Table:
    """The posts that a known export holds."""
    columns = (*COLUMNS, *export.extra)
    rows = Rows(len(columns))
    plain = source.origin()
    origin = Origin(plain.kind, export.name, ROLES, (*export.notes(), *plain.notes))
    table = Table(columns, rows, "UTF-8", "", origin=origin)
    for record in source.records():
        if record.fault:
            _refuse(table, record.number, record.fault)
            continue
        for found in _found(export, record):
            _take(table, rows, record.number, found, export)
    return table


def _found(export: ObjectExport, record: JsonRecord) -> Iterable[Found | Missing | None]:
    """What an export makes of an object; None where the object is not of its kind."""
    if not export.fits(record.found):
        return [None]
    try:
        return list(export.posts(record.found))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return [None]


def _take(table: Table, rows: Rows, line: int, found: Found | Missing | None, export: ObjectExport) -> None:
    if found is None:
        said = _("The record is not like the others, which are of {export}.").format(export=export.name)
        _refuse(table, line, said)
    elif isinstance(found, Missing):
        table.left_out.append(RefusedRow(line, found.reason))
    else:
        extra = (found.extra.get(name, "") for name in export.extra)
        _add(table, rows, line, (*(getattr(found, name) for name in COLUMNS), *extra))


def _add(table: Table, rows: Rows, line: int, cells: tuple[str, ...]) -> None:
    if len(rows) >= MAX_ROWS:
        refuse_too_many_rows()
    if max(map(len, cells)) > MAX_CELL:
        _refuse(table, line, too_long())
    else:
        rows.add(line, cells)


def _refuse(table: Table, line: int, reason: str) -> None:
    table.refused.append(RefusedRow(line, reason))
    refuse_too_many_refused(table.refused)


def _rows(source: _Source) -> Table:
    """The objects as they are, each path a column, in the order in which the paths come up."""
    paths: dict[str, None] = {}
    for record in source.records():
        paths.update(dict.fromkeys(flattened(record.found)))
        if len(paths) > MAX_CELLS:
            raise Refusal(
                _("The objects have more than {limit} different fields, so they are no table.").format(
                    limit=number(MAX_CELLS)
                )
            )
    if len(paths) < 2:
        raise _no_posts()
    rows = Rows(len(paths))
    table = Table(column_names(paths), rows, "UTF-8", "", origin=source.origin())
    for record in source.records():
        if record.fault:
            _refuse(table, record.number, record.fault)
            continue
        cells = flattened(record.found)
        _add(table, rows, record.number, tuple(cells.get(path, "") for path in paths))
    return table


def _no_posts() -> Refusal:
    return Refusal(_("The file holds no posts. Choose a file with a list of objects, one a post."))

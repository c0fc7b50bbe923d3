"""A table that a known program wrote, read as that program means it."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from server.corpora.compact import Lazy, Row
from server.corpora.exports.base import TableExport, decoded_text, no_text
from server.corpora.parsing import RefusedRow, Table, column_names
from server.language import _

_SAMPLE = 1_000


def as_written(table: Table, export: TableExport) -> Table:
    """The rows that have a text, with the text as it was before the program wrote it into a table."""
    columns = column_names((*table.columns, *export.made))
    made = columns[len(table.columns) :]
    roles = export.chosen(table.columns) | dict(zip(export.made, made, strict=True))
    reader = _Reader(table, export, roles)
    places = array("q")
    left_out: list[RefusedRow] = []
    reason = no_text().reason
    for place, (number, cells) in enumerate(table.rows):
        if reader.has_text(cells):
            places.append(place)
        elif reader.has_id(cells):
            left_out.append(RefusedRow(number, reason))
        else:
            table.refused.append(RefusedRow(number, _("The row has neither id nor text.")))
    notes = (*export.notes(), *table.origin.notes)
    origin = replace(table.origin, export=export.name, roles=roles, notes=notes)
    rows = Lazy(places, lambda place: reader.row(table.rows[place]))
    return replace(table, columns=columns, rows=rows, left_out=left_out, origin=origin)


class _Reader:
    """Reads rows as an export means them."""

    def __init__(self, table: Table, export: TableExport, roles: dict[str, str]) -> None:
        self._export, self._columns = export, table.columns
        self._id = table.columns.index(roles["id"])
        self._text = table.columns.index(roles["text"])
        self._title = table.columns.index(export.title) if export.title in table.columns else None
        self._escapes_lines = export.escapes_lines and not self._has_lines(table.rows)

    def _has_lines(self, rows: Sequence[Row]) -> bool:
        """Whether texts have line breaks as they are, so that a backslash with an n is what it seems."""
        return any("\n" in row.cells[self._text] for row in islice(rows, _SAMPLE))

    def has_id(self, cells: Sequence[str]) -> bool:
        return bool(cells[self._id].strip())

    def has_text(self, cells: Sequence[str]) -> bool:
        title = "" if self._title is None else cells[self._title]
        return bool(cells[self._text].strip() or title.strip())

    def row(self, row: Row) -> Row:
        """The row with its text as it was written."""
        number, cells = row
        text = cells[self._text]
        if self._escapes_lines:
            text = text.replace("\\n", "\n")
        if self._export.has_entities:
            text = decoded_text(text)
        title = "" if self._title is None else cells[self._title].strip()
        if title and not text.startswith(title):
            text = f"{title}\n\n{text}".rstrip()
        made = self._made(cells) if self._export.made else ()
        return Row(number, (*cells[: self._text], text, *cells[self._text + 1 :], *made))

    def _made(self, cells: Sequence[str]) -> Iterator[str]:
        named = dict(zip(self._columns, cells, strict=True))
        return (make(named) for make in self._export.made.values())

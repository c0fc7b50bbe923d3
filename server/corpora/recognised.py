"""A table that a known program wrote, read as that program means it."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from server.corpora.compact import Lazy, Row
from server.corpora.exports.base import TableExport, decoded_text, gone, known_author, no_text
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
    for place, (number, cells) in enumerate(table.rows):
        if not (reason := reader.lacks(cells)):
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
        self._title = next((table.columns.index(one) for one in export.titles if one in table.columns), None)
        self._author = table.columns.index(roles["author"]) if "author" in roles else None
        self._without_text = no_text().reason
        self._escapes_lines = export.escapes_lines and not self._has_lines(table.rows)

    def _has_lines(self, rows: Sequence[Row]) -> bool:
        """Whether texts have line breaks as they are, so that a backslash with an n is what it seems."""
        return any("\n" in row.cells[self._text] for row in islice(rows, _SAMPLE))

    def has_id(self, cells: Sequence[str]) -> bool:
        return bool(cells[self._id].strip())

    def lacks(self, cells: Sequence[str]) -> str:
        """Why the row has nothing to code; empty where it has."""
        text, title = cells[self._text], "" if self._title is None else cells[self._title]
        missing = (gone(text) or gone(title)) if self._export.marks_gone else None
        if missing is None:
            return "" if text.strip() or title.strip() else self._without_text
        return "" if self._kept(text) or self._kept(title) else missing.reason

    def _kept(self, text: str) -> str:
        """The text; nothing where words stand for one that is gone."""
        text = text.strip()
        return "" if self._export.marks_gone and gone(text) else text

    def row(self, row: Row) -> Row:
        """The row with its text as it was written."""
        number, cells = row
        if self._export.marks_gone:
            cells = self._without_marks(cells)
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

    def _without_marks(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        """The cells without what stands for texts and names that are gone."""
        marked = {at for at in (self._text, self._title) if at is not None and gone(cells[at])}
        if self._author is not None and not known_author(cells[self._author]):
            marked.add(self._author)
        return tuple("" if at in marked else cell for at, cell in enumerate(cells)) if marked else cells

    def _made(self, cells: Sequence[str]) -> Iterator[str]:
        named = dict(zip(self._columns, cells, strict=True))
        return (make(named) for make in self._export.made.values())

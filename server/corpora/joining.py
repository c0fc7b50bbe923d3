"""Several tables with the same columns as one, their rows numbered through."""

from collections.abc import Sequence
from dataclasses import replace

from server.corpora.compact import Rows
from server.corpora.parsing import MAX_ROWS, Origin, RefusedRow, Table, refuse_too_many_rows
from server.errors import Refusal
from server.language import _, number


def joined(tables: Sequence[tuple[str, Table]]) -> Table:
    """One table of several, each with the name of its file; raises Refusal where the columns differ."""
    (name, first), others = tables[0], tables[1:]
    if not others:
        return first
    for other_name, other in others:
        _refuse_other_columns(name, first, other_name, other)
    rows = Rows(len(first.columns))
    whole = Table(first.columns, rows, first.encoding, first.delimiter)
    offset, said = 0, []
    for name, table in tables:
        said.append(_("{file} from row {row} on").format(file=name, row=number(offset + 1)))
        offset = _add(whole, rows, table, offset)
    if len(rows) > MAX_ROWS:
        refuse_too_many_rows()
    notes = tuple(dict.fromkeys(note for _name, table in tables for note in table.origin.notes))
    numbered = _("The rows of all files are numbered through: {files}.").format(files="; ".join(said[:20]))
    return replace(whole, origin=Origin(first.origin.kind, notes=(numbered, *notes)))


def _refuse_other_columns(name: str, first: Table, other_name: str, other: Table) -> None:
    if first.columns != other.columns:
        raise Refusal(
            _(
                "“{other}” has other columns than “{first}”, so they are not one table. "
                "Upload them one by one."
            ).format(other=other_name, first=name)
        )


def _add(whole: Table, rows: Rows, table: Table, offset: int) -> int:
    """Put a table below the others; gives the last number that it takes."""
    last = offset
    for row in table.rows:
        rows.add(row.number + offset, row.cells)
        last = row.number + offset
    refused = [RefusedRow(one.number + offset, one.reason) for one in table.refused]
    whole.refused.extend(refused)
    whole.short.extend(number + offset for number in table.short)
    return max([last, *(one.number for one in refused[-1:])])

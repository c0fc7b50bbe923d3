"""A table as a page of HTML of its own, to open or to paste into a text."""

from collections.abc import Iterator
from html import escape

from server.language import code
from server.language import gettext as _
from server.lines import in_one_line
from server.typeset.tables import ApaTable, Column

_LOOK = (
    "body{font:11pt/1.4 serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;border-block:1px solid}"
    "caption{text-align:start}caption p{margin:.4rem 0}"
    "th,td{padding:.2rem .7rem;text-align:start;font-weight:400;vertical-align:top}"
    "thead th{border-bottom:1px solid}.n{text-align:end}tbody th[colspan]{font-weight:700}"
)


def webpage(table: ApaTable) -> str:
    """The page."""
    title = _text(table.title)
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_LOOK}</style>'
    caption = f"<caption><p><strong>{_text(_('Table X'))}</strong></p><p><em>{title}</em></p></caption>"
    names = "".join(_head(column) for column in table.columns)
    body = "\n".join(_rows(table))
    note = f"<p><em>{_text(_('Note.'))}</em> {_text(table.note)}</p>\n" if table.note else ""
    return (
        f'<!doctype html>\n<html lang="{code()}"><head>{head}</head><body>\n'
        f"<table>{caption}\n<thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody></table>\n"
        f"{note}</body></html>\n"
    )


def _text(text: str) -> str:
    return escape(in_one_line(text))


def _head(column: Column) -> str:
    label = f"<em>{_text(column.label)}</em>" if column.is_symbol else _text(column.label)
    return f'<th scope="col"{_side(column)}>{label}</th>'


def _rows(table: ApaTable) -> Iterator[str]:
    for section in table.sections:
        if section.heading:
            across = len(table.columns)
            yield f'<tr><th colspan="{across}" scope="rowgroup" dir="auto">{_text(section.heading)}</th></tr>'
        for first, *others in section.rows:
            cells = "".join(
                f"<td{_side(column)}>{_text(cell)}</td>"
                for column, cell in zip(table.columns[1:], others, strict=True)
            )
            yield f'<tr><th scope="row" dir="auto">{_text(first)}</th>{cells}</tr>'


def _side(column: Column) -> str:
    return ' class="n"' if column.is_number else ""

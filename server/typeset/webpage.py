"""A table as a page of HTML of its own, to open or to paste into a text."""

from collections.abc import Iterable, Iterator
from html import escape

from server.language import code
from server.language import gettext as _
from server.lines import in_one_line
from server.typeset.symbols import Piece, head, pieces
from server.typeset.tables import ApaTable, Column

_LOOK = (
    "body{font:11pt/1.4 serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;border-block:1px solid}"
    "caption{text-align:start}caption p{margin:.4rem 0}"
    "th,td{padding:.2rem .7rem;text-align:start;font-weight:400;vertical-align:top}"
    "thead th{border-bottom:1px solid}thead th+th{text-align:center}.n{text-align:end}"
    "tbody th[colspan]{font-weight:700}"
)


def webpage(table: ApaTable) -> str:
    """The page."""
    title = _text(table.title)
    about = f'<meta charset="utf-8"><title>{title}</title><style>{_LOOK}</style>'
    caption = f"<caption><p><strong>{_text(_('Table X'))}</strong></p><p><em>{title}</em></p></caption>"
    names = "".join(f'<th scope="col">{_dressed(head(column))}</th>' for column in table.columns)
    body = "\n".join(_rows(table))
    note = f"<p><em>{_text(_('Note.'))}</em> {_dressed(pieces(table.note))}</p>\n" if table.note else ""
    return (
        f'<!doctype html>\n<html lang="{code()}"><head>{about}</head><body>\n'
        f"<table>{caption}\n<thead><tr>{names}</tr></thead>\n<tbody>\n{body}\n</tbody></table>\n"
        f"{note}</body></html>\n"
    )


def _text(text: str) -> str:
    return escape(in_one_line(text))


def _dressed(of: Iterable[Piece]) -> str:
    return "".join(f"<em>{escape(text)}</em>" if is_symbol else escape(text) for text, is_symbol in of)


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

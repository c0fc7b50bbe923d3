"""A table in Markdown, as GitHub, Pandoc and Quarto read it. It has heads where their columns are."""

import re
from collections.abc import Iterable

from server.language import gettext as _
from server.lines import in_one_line
from server.typeset.symbols import Piece, head, pieces
from server.typeset.tables import ApaTable

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>|~$#&@^!])")


def markdown(table: ApaTable) -> str:
    """The table with its title above and its note below."""
    rules = [("---:" if column.is_number else ":---") for column in table.columns]
    blank = [""] * (len(table.columns) - 1)
    lines = [_line(_dressed(head(column)) for column in table.columns), _line(rules)]
    for section in table.sections:
        if section.heading:
            lines.append(_line([f"**{markdown_text(section.heading)}**", *blank]))
        lines += [_line(map(markdown_text, row)) for row in section.rows]
    parts = [f"**{markdown_text(_('Table X'))}**", f"*{markdown_text(table.title)}*", "\n".join(lines)]
    note = [f"*{markdown_text(_('Note.'))}* {_dressed(pieces(table.note))}"] if table.note else []
    return "\n\n".join([*parts, *note]) + "\n"


def markdown_text(text: str) -> str:
    """The text as Markdown shows it, whatever its letters mean there."""
    return _escaped(in_one_line(text))


def _escaped(text: str) -> str:
    return _MEANS_SOMETHING.sub(r"\\\1", text)


def _dressed(of: Iterable[Piece]) -> str:
    return "".join(f"*{_escaped(text)}*" if is_symbol else _escaped(text) for text, is_symbol in of)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

"""A table in Markdown, as GitHub, Pandoc and Quarto read it."""

import re
from collections.abc import Iterable

from server.language import gettext as _
from server.lines import in_one_line
from server.typeset.tables import ApaTable, Column

_MEANS_SOMETHING = re.compile(r"([\\`*_{}\[\]<>|~$#&@^!])")


def markdown(table: ApaTable) -> str:
    """The table with its title above and its note below."""
    rules = [("---:" if column.is_number else ":---") for column in table.columns]
    blank = [""] * (len(table.columns) - 1)
    lines = [_line(map(_head, table.columns)), _line(rules)]
    for section in table.sections:
        if section.heading:
            lines.append(_line([f"**{markdown_text(section.heading)}**", *blank]))
        lines += [_line(map(markdown_text, row)) for row in section.rows]
    parts = [f"**{markdown_text(_('Table X'))}**", f"*{markdown_text(table.title)}*", "\n".join(lines)]
    note = [f"*{markdown_text(_('Note.'))}* {markdown_text(table.note)}"] if table.note else []
    return "\n\n".join([*parts, *note]) + "\n"


def markdown_text(text: str) -> str:
    """The text as Markdown shows it, whatever its letters mean there."""
    return _MEANS_SOMETHING.sub(r"\\\1", in_one_line(text))


def _head(column: Column) -> str:
    label = markdown_text(column.label)
    return f"*{label}*" if column.is_symbol else label


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

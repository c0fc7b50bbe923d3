"""Cells that a spreadsheet may open without computing what a stranger wrote into a post.

A cell that a spreadsheet would take for a formula gets an apostrophe in front. So does a cell that already
has apostrophes before such a beginning; therefore taking one apostrophe away restores every cell exactly.
Plain numbers, signed ones too, stay as they are.
"""

import re

# The full-width forms are taken for their ASCII twins by spreadsheets in East Asian locales.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)


def guard_cell(text: str) -> str:
    """`text`, with an apostrophe in front if a spreadsheet would compute it."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def unguard_cell(text: str) -> str:
    """The text that `guard_cell` was given."""
    return text[1:] if _GUARDED.match(text) else text

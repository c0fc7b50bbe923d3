"""Files whose rows name no question: all of one is about the same. Pure.

It is the question that the lead names, else the one that the file is called after, else the only one that it
can be about.
"""

from dataclasses import replace

from server.codebooks.sheet import CodebookSheet
from server.corpora.compact import Row
from server.corpora.parsing import Table
from server.exchange.ratings.recal import EXPORT as RECAL

WIDE, DOCCANO = "wide", "doccano"
_QUESTION = 2
_OF_ONE = frozenset({WIDE, DOCCANO, RECAL})


def is_about_one(table: Table) -> bool:
    """Whether the rows of this file name no question of their own."""
    return table.origin.export in _OF_ONE


def possible(table: Table, codebook: CodebookSheet) -> dict[str, str]:
    """The labels, by key, of the questions that it can be about: with codes, in ReCal one a post."""
    is_single = table.origin.export == RECAL
    return {
        one.key: one.label
        for one in codebook.variables
        if one.codes and not (is_single and one.kind == "multiple")
    }


def question_of(table: Table, codebook: CodebookSheet, wished: str = "") -> str:
    """The key of the question that the file is about; what the file says where that is not known."""
    keys = [one.key for one in codebook.variables]
    said = table.rows[0].cells[_QUESTION] if table.rows else ""
    if named := next((each for each in (wished, said) if each in keys), ""):
        return named
    coded = [*possible(table, codebook)]
    return coded[0] if len(coded) == 1 else said


def about(table: Table, question: str) -> Table:
    """The file with this question in each of its rows."""
    at = _QUESTION
    rows = [Row(row.number, (*row.cells[:at], question, *row.cells[at + 1 :])) for row in table.rows]
    return replace(table, rows=rows)

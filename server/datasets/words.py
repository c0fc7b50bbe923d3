"""Columns and their codes in words: what a codebook beside the data says."""

from collections.abc import Iterator

from server.datasets.table import Code, Column, Kind
from server.language import gettext as _


def kind_word(kind: Kind) -> str:
    """The kind as people call it."""
    return {
        Kind.TEXT: _("text"),
        Kind.INTEGER: _("whole number"),
        Kind.NUMBER: _("number"),
        Kind.MOMENT: _("moment, in UTC"),
        Kind.YES_NO: _("1 for yes, 0 for no"),
        Kind.CODED: _("one of the codes below"),
        Kind.MIXED: _("text or number"),
    }[kind]


def counted(number: int) -> str:
    """A large number with thin spaces, as every language reads it."""
    return f"{number:,}".replace(",", "\u202f")


def yes_and_no() -> tuple[Code, ...]:
    """What 1 and 0 mean in a column of yes or no."""
    return (Code("1", _("yes"), 1), Code("0", _("no"), 0))


def code_rows(column: Column) -> Iterator[tuple[str, int, str]]:
    """The codes of a column: key, number in SPSS and Stata, label."""
    yield from ((code.key, code.number, code.label) for code in column.codes)

"""What the sheets of a workbook share: which one is read, and how a cell becomes text."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from server.corpora.records import Record
from server.errors import Refusal
from server.language import _

# A double holds fifteen digits for certain.
_SURE_DIGITS = 15
_DIGITS = re.compile(r"-?\d+", re.ASCII)


@dataclass
class Sheet:
    """A sheet, whose rows are read when they are asked for. `n_formulas` counts while they are read."""

    name: str
    read: Callable[["Sheet"], Iterator[Record]]
    is_hidden: bool = False
    n_formulas: int = 0

    def records(self) -> Iterator[Record]:
        """The rows that are not blank."""
        return self.read(self)


@dataclass
class ChosenSheet:
    """The sheet that posts are read from, and the names of the others."""

    sheet: Sheet
    records: Iterator[Record]
    others: list[str] = field(default_factory=list)


def choose_sheet(sheets: Sequence[Sheet]) -> ChosenSheet:
    """The first sheet with a row below its header, those that are shown before those that are hidden."""
    for sheet in sorted(sheets, key=lambda sheet: sheet.is_hidden):
        records = sheet.records()
        first = list(islice(records, 2))
        if len(first) == 2:
            others = [other.name for other in sheets if other is not sheet]
            return ChosenSheet(sheet, chain(first, records), others)
    raise Refusal(_("No sheet of this workbook has a header row and rows below it."))


def number_text(stored: str) -> str:
    """A number as a person would write it, from what a workbook stores.

    Digits stay as they are stored, however many. What is stored with an exponent although it is longer than
    a double can be sure of keeps its exponent, by which a rounded id is known.
    """
    if _DIGITS.fullmatch(stored):
        return stored
    try:
        value = float(stored)
    except ValueError:
        return stored
    if value.is_integer():
        return str(int(value)) if abs(value) < 10**_SURE_DIGITS else _with_exponent(value)
    return repr(value)


def _with_exponent(value: float) -> str:
    return re.sub(r"\.?0*E", "E", f"{value:.14E}")

"""What the sheets of a workbook share: which one is read, and how a cell becomes text."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
    """The sheet that posts are read from, the names of all sheets, and its place among them from 1 on."""

    sheet: Sheet
    records: Iterator[Record]
    names: tuple[str, ...]
    place: int

    @property
    def others(self) -> list[str]:
        """The names of the sheets that are not read."""
        return [name for place, name in enumerate(self.names, start=1) if place != self.place]


def choose_sheet(sheets: Sequence[Sheet], wanted: int = 0) -> ChosenSheet:
    """The sheet at the wanted place, from 1 on; else the first with a row below its header.

    Sheets that are shown come before those that are hidden. `Refusal` where there are no such rows.
    """
    names = tuple(sheet.name for sheet in sheets)
    places = range(1, len(sheets) + 1)
    candidates = [wanted] if wanted in places else sorted(places, key=lambda at: sheets[at - 1].is_hidden)
    for place in candidates:
        sheet = sheets[place - 1]
        records = sheet.records()
        first = list(islice(records, 2))
        if len(first) == 2:
            return ChosenSheet(sheet, chain(first, records), names, place)
    if wanted in places:
        raise Refusal(
            _("The sheet “{sheet}” has no header row with rows below it.").format(sheet=names[wanted - 1])
        )
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

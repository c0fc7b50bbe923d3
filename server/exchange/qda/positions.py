"""Where passages lie in a text, whichever way the program that wrote them counts. Pure.

REFI-QDA counts Unicode code points. A program may count UTF-16 units instead, in which an emoji is two, or a
line end of two characters as one. Where several ways can be, that is taken by which most passages begin and
end where words do.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

# A passage that lies outside of its text weighs as much as so many that begin and end within words.
_OUTSIDE = 10


class Counting(NamedTuple):
    """What a position counts: UTF-16 units or code points, and whether a line end of two is two."""

    units: bool = False
    joined: bool = False


WAYS = (Counting(), Counting(joined=True), Counting(units=True), Counting(units=True, joined=True))


@dataclass(frozen=True)
class PlacedText:
    """A text as its file has it, and as it is kept: with line feeds alone."""

    raw: str

    @cached_property
    def text(self) -> str:
        """The text as it is kept; a NUL, which no database takes, is a replacement character."""
        return self.raw.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")

    @cached_property
    def _breaks(self) -> tuple[int, ...]:
        """The places, in the text as its file has it, of the first half of line ends of two."""
        found, at = [], self.raw.find("\r\n")
        while at >= 0:
            found.append(at)
            at = self.raw.find("\r\n", at + 2)
        return tuple(found)

    @cached_property
    def is_plain(self) -> bool:
        """Whether all ways of counting are the same."""
        return not self._breaks and all(ord(character) < 0x10000 for character in set(self.raw))

    def place(self, position: int, way: Counting) -> int:
        """Where a position lies in the text as it is kept."""
        if way.units:
            position = self._from_units(position, joined=way.joined)
        if way.joined:
            return position
        return position - bisect_left(self._breaks, position)

    def _from_units(self, position: int, *, joined: bool) -> int:
        return position - bisect_left(self._pairs[joined], position)

    @cached_property
    def _pairs(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Where the first half of each character of two units stands, in units, of the two texts."""
        return _pairs(self.raw), _pairs(self.text)

    def passage(self, start: int, end: int, way: Counting) -> tuple[int, int] | None:
        """The passage in the text as it is kept; None where it lies outside of it or is empty."""
        if start < 0:
            return None
        found = self.place(start, way), self.place(end, way)
        return found if found[0] < found[1] <= len(self.text) else None

    def fit(self, start: int, end: int, way: Counting) -> int:
        """How well the passage fits the words of the text: 2 where it begins and ends as they do."""
        found = self.passage(start, end, way)
        if found is None:
            return -_OUTSIDE
        return self._is_border(found[0]) + self._is_border(found[1])

    def _is_border(self, at: int) -> bool:
        return at in {0, len(self.text)} or self.text[at - 1].isalnum() != self.text[at].isalnum()


def _pairs(text: str) -> tuple[int, ...]:
    wide = (place for place, character in enumerate(text) if ord(character) >= 0x10000)
    return tuple(place + before for before, place in enumerate(wide))


Coded = tuple[PlacedText, Sequence[tuple[int, int]]]


def counting_of(texts: Iterable[Coded]) -> Counting:
    """How the positions of a project are counted; by code points where nothing speaks against it."""
    telling = [(text, places) for text, places in texts if places and not text.is_plain]
    fits = {way: sum(text.fit(*place, way) for text, places in telling for place in places) for way in WAYS}
    return max(WAYS, key=lambda way: fits[way])

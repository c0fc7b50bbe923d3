"""Sequences that keep little and make each item when it is asked for.

A file of a million rows is a few dozen megabytes; as objects in lists it would be ten times that.
"""

from abc import ABC, abstractmethod
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar, overload

# A block ends after some hundred rows, or sooner where they are long.
_ROW_WEIGHT = 100
_BLOCK_WEIGHT = 1 << 16
# No cell holds it: a file with NUL characters is refused when its encoding is found out.
_BETWEEN = "\0"

T = TypeVar("T")


class Row(NamedTuple):
    """The cells of a row, as many as there are columns; `number` is what a spreadsheet shows beside it."""

    number: int
    cells: tuple[str, ...]


class Compact(Sequence[T], ABC):
    """A sequence whose items are made on demand; it equals any sequence of equal items."""

    @abstractmethod
    def item(self, place: int) -> T:
        """The item at a place from 0 on."""

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self.item(each) for each in range(*place.indices(len(self)))]
        return self.item(place if place >= 0 else range(len(self))[place])

    def __iter__(self) -> Iterator[T]:
        return map(self.item, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self[:10])


class Lazy(Compact[T], Generic[T]):
    """What `make` makes of each of these places."""

    def __init__(self, places: Sequence[int], make: Callable[[int], T]) -> None:
        self._places, self._make = places, make

    def __len__(self) -> int:
        return len(self._places)

    def item(self, place: int) -> T:
        """The item made of the place that stands here."""
        return self._make(self._places[place])

    def __iter__(self) -> Iterator[T]:
        return map(self._make, self._places)


class Rows(Compact[Row]):
    """The rows of a file in blocks of UTF-8. Going through them in order unpacks each block once."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._numbers = array("q")
        self._blocks: list[bytes] = []
        self._starts = [0]
        self._waiting: list[str] = []
        self._size = 0
        self._unpacked: tuple[int, list[Row]] = (0, [])

    def add(self, number: int, cells: Sequence[str]) -> None:
        """Put a row at the end; it has to have as many cells as there are columns."""
        line = _BETWEEN.join(cells)
        self._numbers.append(number)
        self._waiting.append(line)
        self._size += len(line) + _ROW_WEIGHT
        if self._size >= _BLOCK_WEIGHT:
            self._pack()

    def _pack(self) -> None:
        if not self._waiting:
            return
        self._blocks.append(_BETWEEN.join(self._waiting).encode())
        self._starts.append(len(self._numbers))
        self._waiting, self._size = [], 0

    def __len__(self) -> int:
        return len(self._numbers)

    def item(self, place: int) -> Row:
        """The row at a place from 0 on."""
        start, rows = self._unpacked
        if not 0 <= place - start < len(rows):
            self._pack()
            block = bisect_right(self._starts, place) - 1
            start, rows = self._unpacked = self._starts[block], self._unpack(block)
        return rows[place - start]

    def _unpack(self, block: int) -> list[Row]:
        cells = iter(self._blocks[block].decode().split(_BETWEEN))
        numbers = self._numbers[self._starts[block] : self._starts[block + 1]]
        return list(map(Row, numbers, zip(*[cells] * self._width, strict=True)))

    def __iter__(self) -> Iterator[Row]:
        self._pack()
        for block in range(len(self._blocks)):
            yield from self._unpack(block)

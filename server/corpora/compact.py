"""Sequences that keep little and make each item when it is asked for.

A file of a million rows is a few dozen megabytes; as objects in lists it would be ten times that.
"""

import zlib
from abc import ABC, abstractmethod
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, compress, islice, pairwise, starmap
from typing import Generic, NamedTuple, Protocol, TypeVar, overload

from server.corpora.spooled import Spool

# A block ends after some hundred rows, or sooner where they are long.
_ROW_WEIGHT = 100
_BLOCK_WEIGHT = 1 << 17
_AT_ONCE = 2_000
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


class Marked(Compact[T], Generic[T]):
    """Those of these items that have a mark, where there is one mark for each item."""

    def __init__(self, items: Sequence[T], marks: bytes, mark: int) -> None:
        self._items, self._marks, self._mark = items, marks, mark

    @cached_property
    def _places(self) -> Sequence[int]:
        return array("q", (place for place, mark in enumerate(self._marks) if mark == self._mark))

    def __len__(self) -> int:
        return self._marks.count(self._mark)

    def item(self, place: int) -> T:
        """The item with the mark that stands here."""
        return self._items[self._places[place]]

    def __iter__(self) -> Iterator[T]:
        if self._mark not in self._marks:
            return iter(())  # Without going through the items in vain.
        return compress(self._items, map(self._mark.__eq__, self._marks))


class Block(NamedTuple):
    """Some rows that follow each other, by columns. `start` is the place of the first of them."""

    start: int
    numbers: Sequence[int]
    columns: list[list[str]]


class Source(Protocol):
    """Where blocks are."""

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one place to another."""


class Rows(Compact[Row]):
    """The rows of a file in compressed blocks. Going through them in order unpacks each block once."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._numbers = array("q")
        self._spool = Spool()
        self._source: Source = self._spool
        # Where each block begins and the last one ends: as a row, and in the source.
        self._starts, self._ends = array("q", [0]), array("q", [0])
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

    def extend(self, numbers: Sequence[int], rows: Iterable[Sequence[str]]) -> None:
        """Put many rows at the end at once."""
        lines = list(map(_BETWEEN.join, rows))
        self._numbers.extend(numbers)
        self._waiting += lines
        self._size += sum(map(len, lines)) + _ROW_WEIGHT * len(lines)
        if self._size >= _BLOCK_WEIGHT:
            self._pack()

    def _pack(self) -> None:
        if not self._waiting:
            return
        self._ends.append(self._spool.add(zlib.compress(_BETWEEN.join(self._waiting).encode(), level=1)))
        self._starts.append(len(self._numbers))
        self._waiting, self._size = [], 0

    def packed(self) -> Iterator[bytes]:
        """All rows in pieces of bytes; `unpacked` makes the rows again of the pieces put together."""
        self._pack()
        numbers = zlib.compress(self._numbers.tobytes(), level=1)
        sizes = [len(numbers), *(end - start for start, end in pairwise(self._ends))]
        yield array("q", [self._width, len(self._ends) - 1, *self._starts, *sizes]).tobytes()
        yield numbers
        yield from starmap(self._source.read, pairwise(self._ends))

    @classmethod
    def unpacked(cls, source: Source, start: int) -> "Rows":
        """The rows that were packed; they stay where they are in the source until they are asked for."""
        width, n_blocks = _integers(source.read(start, start + 16))
        rows = cls(width)
        end = start + 8 * (2 + n_blocks + 1 + n_blocks + 1)
        head = _integers(source.read(start + 16, end))
        rows._source, rows._starts = source, head[: n_blocks + 1]
        ends = array("q", accumulate(head[n_blocks + 1 :], initial=end))
        rows._numbers, rows._ends = _integers(zlib.decompress(source.read(end, ends[1]))), ends[1:]
        return rows

    def __reduce__(self) -> tuple[Callable[[bytes], "Rows"], tuple[bytes]]:
        """Pickled as they are packed: another process gets them with all that they are in."""
        return rows_from, (b"".join(self.packed()),)

    def __len__(self) -> int:
        return len(self._numbers)

    def item(self, place: int) -> Row:
        """The row at a place from 0 on."""
        start, rows = self._unpacked
        if not 0 <= place - start < len(rows):
            self._pack()
            block = bisect_right(self._starts, place) - 1
            start, rows = self._unpacked = self._starts[block], list(self._rows(block))
        return rows[place - start]

    def _rows(self, block: int) -> Iterator[Row]:
        _start, numbers, columns = self._block(block)
        return map(Row, numbers, zip(*columns, strict=True))

    def _block(self, block: int) -> Block:
        start = self._starts[block]
        packed = self._source.read(self._ends[block], self._ends[block + 1])
        cells = zlib.decompress(packed).decode().split(_BETWEEN)
        columns = [cells[place :: self._width] for place in range(self._width)]
        return Block(start, self._numbers[start : self._starts[block + 1]], columns)

    def blocks(self) -> Iterator[Block]:
        """All rows in order, some hundred at a time."""
        self._pack()
        return map(self._block, range(len(self._ends) - 1))

    def __iter__(self) -> Iterator[Row]:
        self._pack()
        for block in range(len(self._ends) - 1):
            yield from self._rows(block)


class AtHand:
    """Bytes in memory as a source."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one place to another."""
        return self._content[start:end]


def rows_from(content: bytes) -> Rows:
    """The rows that were packed, in memory: none of them is looked up any more."""
    return Rows.unpacked(AtHand(content), 0)


def _integers(content: bytes) -> "array[int]":
    numbers = array("q")
    numbers.frombytes(content)
    return numbers


def compressed(rows: Sequence[Row], width: int) -> Rows:
    """The rows, of so many cells each, in compressed blocks."""
    if isinstance(rows, Rows):
        return rows
    found = Rows(width)
    for _start, numbers, columns in blocks_of(rows):
        found.extend(numbers, zip(*columns, strict=True))
    return found


def blocks_of(rows: Sequence[Row]) -> Iterator[Block]:
    """The rows by columns, some hundred or thousand at a time."""
    if isinstance(rows, Rows):
        yield from rows.blocks()
        return
    source, start = iter(rows), 0
    while some := list(islice(source, _AT_ONCE)):
        numbers, cells = zip(*some, strict=True)
        yield Block(start, numbers, list(map(list, zip(*cells, strict=True))))
        start += len(some)

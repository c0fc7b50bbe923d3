"""Bytes that are put one after the other, on the disk where they are many."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from weakref import finalize

_IN_MEMORY = 8 << 20
_AT_ONCE = 1 << 20


class Spool:
    """Takes bytes at its end, and gives them by their places. The file goes with the object."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by the next line
        finalize(self, self._file.close)
        self._end = 0

    def add(self, content: bytes) -> int:
        """Put these at the end; returns where that is now."""
        self._file.seek(self._end)
        self._file.write(content)
        self._end += len(content)
        return self._end

    def __iter__(self) -> Iterator[bytes]:
        """All bytes from the beginning, some at a time."""
        for start in range(0, self._end, _AT_ONCE):
            yield self.read(start, min(start + _AT_ONCE, self._end))

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one place to another."""
        self._file.seek(start)
        return self._file.read(end - start)

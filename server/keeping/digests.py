"""How many rows a table has and what they hold, as one number: equal in two databases with equal rows."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

_SIZE = 16
_MODULUS = 1 << (8 * _SIZE)


@dataclass(frozen=True)
class Digest:
    """The rows of a table: how many, and the sum of their hashes, which does not depend on their order."""

    rows: int
    content: str


class Summing:
    """Adds up the rows of a table."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Rows as the database gives them, cells in the order of the table's columns."""
        for row in rows:
            self._rows += 1
            self._sum += int.from_bytes(blake2b(_line(row), digest_size=_SIZE).digest(), "big")

    @property
    def digest(self) -> Digest:
        """What was added so far."""
        return Digest(self._rows, f"{self._sum % _MODULUS:0{2 * _SIZE}x}")


def _line(row: Sequence[Any]) -> bytes:
    return json.dumps([_cell(cell) for cell in row], ensure_ascii=False).encode("utf-8", "surrogatepass")


def _cell(cell: Any) -> Any:
    """A cell as JSON knows it, alike whatever database it came from."""
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bytes | memoryview):
        return bytes(cell).hex()
    return cell

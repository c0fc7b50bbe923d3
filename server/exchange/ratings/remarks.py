"""What is to be said about rows, once where it is the same for many. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.exchange.ratings.reading import RowProblem


@dataclass(frozen=True)
class Remark:
    """What is to be said about `n` rows, the first of which has this number."""

    number: int
    message: str
    n: int


def remarks(problems: Iterable[RowProblem]) -> tuple[Remark, ...]:
    """The remarks in the order of their first rows."""
    rows: dict[str, dict[int, None]] = {}
    for problem in problems:
        rows.setdefault(problem.message, {})[problem.number] = None
    return tuple(Remark(next(iter(numbers)), message, len(numbers)) for message, numbers in rows.items())

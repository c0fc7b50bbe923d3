"""A typed table: columns that say what they hold, and rows that are read once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, StrEnum

Cell = str | int | float | datetime | None
Row = tuple[Cell, ...]
_WHOLE = re.compile(r"-?[0-9]{1,10}")


class Kind(Enum):
    """What the cells of a column are, where they are not None.

    A cell of YES_NO is 1 or 0, of CODED the key of one of the column's codes, of MIXED a text or a number,
    and of MOMENT an aware datetime.
    """

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    MOMENT = "moment"
    YES_NO = "yes/no"
    CODED = "coded"
    MIXED = "text or number"


@dataclass(frozen=True)
class Code:
    """One value of a coded column; `number` stands for it in formats that label numbers."""

    key: str
    label: str
    number: int


@dataclass(frozen=True)
class Column:
    """One column: its name, what it says in words, and what its cells are.

    `tells` is whether cells may hold what somebody wrote, or who, when and where. The codes of a coded column
    that `is_ordered` are steps of a scale, the lowest first; those of a column of numbers label some of them.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    codes: tuple[Code, ...] = ()
    tells: bool = False
    is_ordered: bool = False


@dataclass(frozen=True)
class Dataset:
    """A table under a title. `rows` can be gone through once, in an open session."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterator[Row]


class Format(StrEnum):
    """The kinds of file."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON_LINES = "jsonl"
    PARQUET = "parquet"
    SPSS = "sav"
    STATA = "dta"
    R = "r"


def numbered(pairs: list[tuple[str, str, float | None]]) -> tuple[Code, ...]:
    """Codes of (key, label, number of the codebook): with these numbers, or from 1 on.

    The codebook's numbers are taken where each code has a whole one of its own; where it gives none, those
    that the keys are.
    """
    values = [value for _key, _label, value in pairs]
    given = [int(value) for value in values if value is not None and value.is_integer()]
    if all(value is None for value in values):
        given = [int(key) for key, _label, _value in pairs if _WHOLE.fullmatch(key)]
    has_own = len(set(given)) == len(pairs) and all(abs(value) < 2**31 for value in given)
    places = given if has_own else range(1, len(pairs) + 1)
    return tuple(Code(key, label, number) for (key, label, _value), number in zip(pairs, places, strict=True))


def unequal_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns, with a number behind names that are taken by one before."""
    every = tuple(columns)
    names = unequal(column.key for column in every)
    return tuple(replace(column, key=name) for column, name in zip(every, names, strict=True))


def unequal(names: Iterable[str]) -> tuple[str, ...]:
    """The names, with a number behind those that are taken (in any case) by one before."""
    found: dict[str, str] = {}
    for name in names:
        candidate, count = name, 1
        while candidate.casefold() in found:
            count += 1
            candidate = f"{name}_{count}"
        found[candidate.casefold()] = candidate
    return tuple(found.values())

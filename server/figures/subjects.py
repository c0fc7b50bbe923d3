"""What is drawn, as plain values: every word and number in it is already said in the reader's language."""

from dataclasses import dataclass

# Rows, or codes of a matrix, that can still be read.
MOST_ROWS = 60
_LEAST_CELL, _WORDS_OF_ROWS = 4.0, 0.3


@dataclass(frozen=True)
class Scale:
    """An axis from `begins` to `ends`, its name, and its `ticks` and dashed `lines` with their words."""

    begins: float
    ends: float
    name: str
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Estimate:
    """One row: an estimate with its interval, each None where undefined, and `said` in words.

    `others` are further values on the same scale, one for each further mark of the figure.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    said: str
    others: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Group:
    """Rows with something in common, named where `label` is not empty."""

    label: str
    estimates: tuple[Estimate, ...]


@dataclass(frozen=True)
class Intervals:
    """Estimates with their intervals, one below the other. `marks` names them where there are several.

    `caption` says n, how intervals were made, and what is undefined.
    """

    title: str
    caption: str
    scale: Scale
    groups: tuple[Group, ...]
    marks: tuple[str, ...] = ()

    def fits(self, _width: int) -> bool:
        """Whether it can be read at a width in mm."""
        return sum(len(group.estimates) for group in self.groups) <= MOST_ROWS


@dataclass(frozen=True)
class Moment:
    """One time, or one round: `at` which place of the axis below, and the estimate there."""

    at: float
    estimate: Estimate


@dataclass(frozen=True)
class Course:
    """Estimates with their intervals from left to right. `axis` names what goes on there."""

    title: str
    caption: str
    scale: Scale
    axis: str
    moments: tuple[Moment, ...]
    marks: tuple[str, ...] = ()

    def fits(self, width: int) -> bool:
        """Whether it can be read at a width in mm."""
        return len(self.moments) <= width


@dataclass(frozen=True)
class Cell:
    """A cell of a matrix: its words, how dark it is from 0 to 1, and whether it stands out."""

    said: str
    depth: float = 0.0
    is_strong: bool = False


@dataclass(frozen=True)
class Matrix:
    """A shaded table: `rows` × `columns` of cells, with what both stand for."""

    title: str
    caption: str
    row_name: str
    column_name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]

    def fits(self, width: int) -> bool:
        """Whether it can be read at a width in mm."""
        return len(self.rows) <= MOST_ROWS and len(self.columns) <= most_columns(width)


def most_columns(width: int) -> int:
    """How many columns a matrix of a width in mm can have, beside the names of its rows."""
    return int((width * (1 - _WORDS_OF_ROWS) - 4) / _LEAST_CELL)


Subject = Intervals | Course | Matrix

"""A table as papers print it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column: words to the left, numbers to the right, its head in the middle but for the first one's.

    Of a symbol such as n or `p, adjusted` the first word is set in italics, which Greek letters never are.
    """

    label: str
    is_number: bool = True
    is_symbol: bool = False


@dataclass(frozen=True)
class Section:
    """Rows with something in common, under a heading of their own where it is not empty."""

    heading: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ApaTable:
    """A table with its title and the sentences of its note. Every row has a cell for each column.

    It has no number: that is given by the paper it goes into.
    """

    title: str
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]

    @property
    def note(self) -> str:
        """What stands below it."""
        return " ".join(note for note in self.notes if note)

    @property
    def n_rows(self) -> int:
        """How many rows it has, headings apart."""
        return sum(len(section.rows) for section in self.sections)

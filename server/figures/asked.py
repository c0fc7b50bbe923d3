"""Asking for a figure. What draws it is loaded with the first one."""

from enum import StrEnum
from importlib import import_module

from server.figures.subjects import Subject, most_columns


class Format(StrEnum):
    """The kinds of files."""

    SVG = "svg"
    PDF = "pdf"
    PNG = "png"


class Width(StrEnum):
    """How wide a figure is: a column of a journal, or its page."""

    COLUMN = "column"
    PAGE = "page"

    @property
    def millimetres(self) -> int:
        """The same in mm."""
        return {Width.COLUMN: 85, Width.PAGE: 180}[self]

    def holds(self, n_columns: int) -> bool:
        """Whether a matrix of so many columns can be read at it."""
        return n_columns <= most_columns(self.millimetres)


def drawn(subject: Subject, kind: Format, width: Width = Width.PAGE) -> bytes:
    """The file of a figure: equal bytes for equal values, PNG at 300 dots an inch.

    The subject has to fit: `Subject.fits`.
    """
    # The one import that is not at the top of its file. Matplotlib takes most of a second and 30 MB, which
    # the start of every server and every command would pay, and most of them never draw anything.
    file: bytes = import_module("server.figures.drawing").drawing(subject, kind.value, width.millimetres)
    return file

"""Draws figures. Only `server.figures.asked` loads this, with the first figure that is asked for."""

import warnings
from dataclasses import fields, is_dataclass, replace
from threading import Lock
from typing import Any

from server.figures.course import course_sheet
from server.figures.intervals import intervals_sheet
from server.figures.matrix import matrix_sheet
from server.figures.sheet import Sheet
from server.figures.subjects import Intervals, Matrix, Subject
from server.lines import in_one_line

# Matplotlib is not made for several threads at once, and neither is the list of warnings.
_one_at_a_time = Lock()


def drawing(subject: Subject, kind: str, width: float) -> bytes:
    """The figure as a file of this kind, so many mm wide."""
    with _one_at_a_time, warnings.catch_warnings():
        # Letters that the font lacks are boxes. In SVG the text is there, and another font can show it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        clean: Subject = _in_lines(subject)
        return _sheet(clean, width).file(kind, clean.title)


def _in_lines(value: Any) -> Any:
    """The same, every text of it in one line: what is no letter can be neither measured nor written."""
    if isinstance(value, str):
        return in_one_line(value)
    if isinstance(value, tuple):
        return tuple(map(_in_lines, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _in_lines(getattr(value, each.name)) for each in fields(value)})
    return value


def _sheet(subject: Subject, width: float) -> Sheet:
    if isinstance(subject, Intervals):
        return intervals_sheet(subject, width)
    return matrix_sheet(subject, width) if isinstance(subject, Matrix) else course_sheet(subject, width)

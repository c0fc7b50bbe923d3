"""Draws figures. Only `server.figures.asked` loads this, with the first figure that is asked for."""

import warnings
from threading import Lock

from server.figures.course import course_sheet
from server.figures.intervals import intervals_sheet
from server.figures.matrix import matrix_sheet
from server.figures.sheet import Sheet
from server.figures.subjects import Intervals, Matrix, Subject

# Matplotlib is not made for several threads at once, and neither is the list of warnings.
_one_at_a_time = Lock()


def drawing(subject: Subject, kind: str, width: float) -> bytes:
    """The figure as a file of this kind, so many mm wide."""
    with _one_at_a_time, warnings.catch_warnings():
        # Letters that the font lacks are boxes. In SVG the text is there, and another font can show it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        return _sheet(subject, width).file(kind, subject.title)


def _sheet(subject: Subject, width: float) -> Sheet:
    if isinstance(subject, Intervals):
        return intervals_sheet(subject, width)
    return matrix_sheet(subject, width) if isinstance(subject, Matrix) else course_sheet(subject, width)

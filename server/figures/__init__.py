"""Figures for papers as SVG, PDF and PNG, from plain values in the reader's own words. Pure."""

from server.figures.asked import Format, Width, drawn
from server.figures.subjects import (
    Cell,
    Course,
    Estimate,
    Group,
    Intervals,
    Matrix,
    Moment,
    Scale,
    Subject,
)

__all__ = [
    "Cell",
    "Course",
    "Estimate",
    "Format",
    "Group",
    "Intervals",
    "Matrix",
    "Moment",
    "Scale",
    "Subject",
    "Width",
    "drawn",
]

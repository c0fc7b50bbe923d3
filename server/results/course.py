"""A share over time as one picture: points, their intervals, and what it says in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from server.language import gettext as _
from server.results.groups import GroupLine
from server.web.words import percent


@dataclass(frozen=True)
class CoursePoint:
    """A time: where it stands from the left and from above, in parts of the picture."""

    at: str
    share: str
    low: str
    high: str


@dataclass(frozen=True)
class CourseStroke:
    """From one point to the next."""

    from_at: str
    from_share: str
    to_at: str
    to_share: str


@dataclass(frozen=True)
class Course:
    """All times on one scale from 0 to `top`; the first and the last are named below."""

    top: float
    points: tuple[CoursePoint, ...]
    strokes: tuple[CourseStroke, ...]
    first: str
    last: str
    said: str


def course(lines: Sequence[GroupLine]) -> Course | None:
    """The shares over time; None where these are no times, or fewer than two."""
    timed = [line for line in lines if line.at is not None and line.share.share is not None]
    if len(timed) < 2:
        return None
    top = scale_end(timed)
    begins, ends = timed[0].at or 0, timed[-1].at or 0
    points = tuple(_point(line, begins, ends, top) for line in timed)
    strokes = (CourseStroke(one.at, one.share, other.at, other.share) for one, other in pairwise(points))
    return Course(top, points, tuple(strokes), timed[0].label, timed[-1].label, _said(timed))


def scale_end(lines: Sequence[GroupLine]) -> float:
    """The next full tenth above all shares and their intervals."""
    ends = [line.share.interval[1] if line.share.interval else line.share.share or 0 for line in lines]
    return min(1.0, math.ceil(10 * max(ends, default=0.0) + 1e-9) / 10)


def _point(line: GroupLine, begins: int, ends: int, top: float) -> CoursePoint:
    low, high = line.share.interval or (None, None)
    # Half a step from the edges, so that the marks stay within the picture.
    at = 3 + 94 * ((line.at or 0) - begins) / max(ends - begins, 1)
    return CoursePoint(f"{at:.2f}%", *(_height(value, top) for value in (line.share.share, low, high)))


def _height(value: float | None, top: float) -> str:
    return "" if value is None else f"{100 * (1 - value / top):.2f}%"


def _said(lines: Sequence[GroupLine]) -> str:
    """The ends and the highest: the table below has the rest."""
    highest = max(lines, key=lambda line: line.share.share or 0)
    said = _("From {first} ({share}) to {last} ({share_last}); highest at {highest} ({share_highest}).")
    return said.format(
        first=lines[0].label,
        share=percent(lines[0].share.share),
        last=lines[-1].label,
        share_last=percent(lines[-1].share.share),
        highest=highest.label,
        share_highest=percent(highest.share.share),
    )

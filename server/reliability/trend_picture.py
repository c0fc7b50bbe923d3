"""Alpha from round to round as one picture: a mark, its interval, and where the codebook changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from server.language import gettext as _
from server.reliability.forest import RELIABLE, TENTATIVE, Mark, place
from server.reliability.screens import scale_from
from server.reliability.trend import Step
from server.web.words import coefficient


@dataclass(frozen=True)
class Point:
    """A round: where it stands from the left, and its marks from above; empty where there is none.

    `version` is the number of the codebook's version where the round before used another.
    """

    at: str
    number: str
    version: int | None
    alpha: str
    low: str
    high: str
    agreed: str


@dataclass(frozen=True)
class Stroke:
    """From the alpha of one round to that of the next."""

    from_at: str
    from_alpha: str
    to_at: str
    to_alpha: str


@dataclass(frozen=True)
class TrendPicture:
    """All rounds on one scale from `begins` to 1, and what it says in words."""

    begins: float
    lines: tuple[Mark, ...]
    zero: str
    points: tuple[Point, ...]
    strokes: tuple[Stroke, ...]
    said: str


def trend_picture(steps: Sequence[Step]) -> TrendPicture | None:
    """The rounds as one picture; None where fewer than two have an alpha."""
    drawn = [step for step in steps if step.alpha.estimate is not None]
    if len(drawn) < 2:
        return None
    begins = scale_from([step.alpha for step in drawn])
    versions = [None, *(step.version for step in drawn)]
    points = tuple(
        _point(step, f"{100 * (number + 0.5) / len(drawn):.2f}%", step.version != before, begins)
        for number, (step, before) in enumerate(zip(drawn, versions, strict=False))
    )
    return TrendPicture(
        begins,
        (Mark(_(".667"), _height(TENTATIVE, begins)), Mark(_(".800"), _height(RELIABLE, begins))),
        _height(0.0, begins),
        points,
        tuple(Stroke(one.at, one.alpha, other.at, other.alpha) for one, other in pairwise(points)),
        "; ".join(_said(step) for step in drawn),
    )


def _point(step: Step, at: str, is_new: bool, begins: float) -> Point:
    alpha = step.alpha
    return Point(
        at,
        str(step.rounds[0].number),
        step.version if is_new else None,
        _height(alpha.estimate, begins),
        _height(alpha.low, begins),
        _height(alpha.high, begins),
        _height(step.value("percent_agreement"), begins),
    )


def _height(value: float | None, begins: float) -> str:
    """How far below the top, which is 1."""
    return "" if value is None else place(1 - value, 0, 1 - begins)


def _said(step: Step) -> str:
    said = _("round {number}: alpha {value}")
    return said.format(number=step.rounds[0].number, value=coefficient(step.alpha.estimate))

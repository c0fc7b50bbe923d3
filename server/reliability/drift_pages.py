"""The page of drift: how each annotator agrees with the others from slice to slice of a round."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from server.agreement import DEFAULT_RESAMPLES
from server.errors import NotFound
from server.language import gettext as _
from server.projects.access import SeesAgreement
from server.reliability import queries
from server.reliability.codings import Selection
from server.reliability.drift import Course, drift
from server.reliability.forest import place
from server.reliability.material import DEFAULT_SEED
from server.reliability.measuring import Measuring
from server.reliability.queries import RoundInfo
from server.reliability.trend_picture import Stroke
from server.web.numbers import number_in_path
from server.web.rendering import render
from server.web.routing import Db, pages
from server.web.words import percent

router = pages()
Number = Annotated[int, number_in_path("number")]


class DriftQuery(BaseModel):
    """The key of the variable that is looked at; empty for the first."""

    variable: str = Field(default="", max_length=200)


@dataclass(frozen=True)
class Drawn:
    """An annotator's course, and a line of their percent agreement: `dots` from left and from above."""

    course: Course
    dots: tuple[tuple[str, str], ...]
    strokes: tuple[Stroke, ...]
    said: str


@dataclass(frozen=True)
class DriftPage:
    """The annotators of a round on one question; `why_not` says why they are not told apart."""

    round: RoundInfo
    questions: tuple[tuple[str, str], ...]
    variable: str
    drawn: tuple[Drawn, ...]
    n_slices: int
    why_not: str


@router.get("/projects/{project_key}/rounds/{number}/drift", name="reliability.drift")
def show(
    request: Request, db: Db, access: SeesAgreement, number: Number, query: Annotated[DriftQuery, Query()]
) -> Response:
    """Each annotator against the others in the course of a round; an unknown variable is the first."""
    rounds = queries.rounds_of(db, access)
    of = next((one for one in rounds if one.number == number), None)
    if of is None:
        raise NotFound
    asked = [each for each in queries.questions_of(db, access.project_id, [of]) if each.kind != "text"]
    question = next((each for each in asked if each.key == query.variable), next(iter(asked), None))
    drawn: tuple[Drawn, ...] = ()
    if question is not None and not of.why_no_codings:
        selection = Selection(access.project_id, (of.id,), None, queries.swaying(rounds))
        people = queries.annotators_of(db, access)
        measuring = Measuring(None, DEFAULT_SEED, DEFAULT_RESAMPLES)
        drawn = tuple(_drawn(each) for each in drift(db, question, selection, people, measuring))
    page = DriftPage(
        of,
        tuple((each.key, each.label) for each in asked),
        question.key if question else "",
        drawn,
        max((len(each.course.slices) for each in drawn), default=0),
        of.why_no_codings,
    )
    return render(request, "reliability/drift.html", page)


def _drawn(course: Course) -> Drawn:
    n = len(course.slices)
    dots = tuple(
        (f"{100 * (at + 0.5) / n:.2f}%", place(1 - each.agreed, 0))
        for at, each in enumerate(course.slices)
        if each.agreed is not None
    )
    strokes = tuple(Stroke(*one, *other) for one, other in pairwise(dots))
    said = "; ".join("–" if each.agreed is None else percent(each.agreed) for each in course.slices)
    return Drawn(course, dots, strokes, _("Percent agreement from slice to slice: {said}").format(said=said))

"""How each annotator of a round agrees with the others in the course of their own work.

An annotator's codings that others share are put into the order of their first submission and cut into
slices of equal numbers. Each slice is compared with what the others said of its posts, whenever they did.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from server.agreement.one_out import OneAnnotator, each_annotator
from server.coding.models import Coding
from server.reliability.against_rest import of_answers
from server.reliability.answers import Ints
from server.reliability.codings import Codings, Selection, codings
from server.reliability.grouping import grouped
from server.reliability.measuring import Measuring
from server.reliability.queries import Annotator, Question
from server.rounds.models import Assignment

MOST, FEWEST = 8, 5
_NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Slice:
    """Some of an annotator's codings, one after the other; None where agreement is undefined."""

    n: int
    agreed: float | None
    alpha: float | None


@dataclass(frozen=True)
class Course:
    """An annotator's slices in their order."""

    name: str
    n: int
    slices: tuple[Slice, ...]


@dataclass(frozen=True, eq=False)
class _Sorted:
    """Codings by post, so that those of some posts are found without a look at all."""

    of: Codings
    begins: Ints
    posts: Ints

    def on(self, posts: Ints) -> Codings:
        """The codings of these posts."""
        place = np.searchsorted(self.posts, posts)
        n = np.diff(self.begins, append=len(self.of.post))[place]
        first = np.repeat(self.begins[place] - np.concatenate([[0], np.cumsum(n)[:-1]]), n)
        rows = first + np.arange(n.sum())
        return Codings(self.of.post[rows], self.of.member[rows], self.of.answer[rows])


def drift(
    db: Session,
    question: Question,
    selection: Selection,
    annotators: dict[int, Annotator],
    measuring: Measuring,
) -> tuple[Course, ...]:
    """The annotators of the one round that is selected, by their numbers."""
    found = codings(db, question, selection).first_of_each_member()
    posts, begins, n = np.unique(found.post, return_index=True, return_counts=True)
    ordered, moments = _Sorted(found, begins, posts), _moments(db, selection)
    shared = np.isin(found.post, posts[n > 1])
    courses = []
    for member in np.unique(found.member[shared]).tolist():
        own = found.post[shared & (found.member == member)].tolist()
        in_time = np.array(sorted(own, key=lambda post: moments[post, member]), dtype=np.int64)
        parts = np.array_split(in_time, max(1, min(MOST, len(in_time) // FEWEST)))
        slices = tuple(_slice(question, measuring, ordered.on(np.sort(part)), member, part) for part in parts)
        courses.append((annotators[member].number, Course(annotators[member].name, len(own), slices)))
    return tuple(course for _number, course in sorted(courses, key=lambda each: each[0]))


def _moments(db: Session, selection: Selection) -> dict[tuple[int, int], Any]:
    """When each annotator first submitted a coding of each post; where that is the same, their own order."""
    rows = db.execute(
        select(
            col(Assignment.post_id),
            col(Assignment.member_id),
            col(Coding.submitted_at),
            col(Assignment.position),
        )
        .join(Coding, (col(Coding.assignment_id) == col(Assignment.id)) & (col(Coding.revision) == 1))
        .where(col(Assignment.round_id).in_(selection.rounds))
    )
    return {(post, member): (moment, position) for post, member, moment, position in rows}


def _slice(question: Question, measuring: Measuring, of: Codings, member: int, posts: Ints) -> Slice:
    found = _against_others(question, measuring, of)
    own = next((one for one in found if one.member == member), None)
    return Slice(len(posts), own.agreed if own else None, own.alpha if own else None)


def _against_others(question: Question, measuring: Measuring, of: Codings) -> tuple[OneAnnotator, ...]:
    whole = grouped(question, of, _NONE, _NONE)
    if question.kind != "multiple":
        return of_answers(question, whole, measuring)
    patterns = whole.patterns
    try:  # Sets of codes agree where they are the same.
        return each_annotator(patterns.members, patterns.answers, patterns.frequency, len(whole.contents))
    except ValueError:  # More sets than can be told apart.
        return ()

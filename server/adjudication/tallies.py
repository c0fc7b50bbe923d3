"""Answers counted by the database: which answer how many annotators gave, for each variable of each post.

Counted are the current codings of submitted assignments. Of an annotator who answered a question about a
post in several rounds, the last answer counts.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from server.adjudication.scope import SUBMITTED, Scope, not_hidden
from server.codebooks.queries import VariableInfo
from server.coding.models import CodingAnswer
from server.rounds.models import Assignment


@dataclass(frozen=True)
class Lens:
    """Which answers are looked at: of these rounds and questions, of all annotators or of some.

    With `code_id` every answer counts as yes or no to that one code.
    """

    round_ids: tuple[int, ...]
    variable_ids: tuple[int, ...]
    code_id: int | None = None
    member_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Offer:
    """Rounds, and the codes of multiple choices that were offered in exactly these of them."""

    round_ids: tuple[int, ...]
    code_ids: tuple[int, ...]


def offers(scope: Scope, lens: Lens) -> tuple[Offer, ...]:
    """The codes of multiple choices by the rounds that offer them: one offer, unless the codebook moved on.

    Who could not choose a code has not said no to it.
    """
    found: dict[tuple[int, ...], list[int]] = {}
    for variable in multiples(scope, lens):
        for code in variable.codes:
            found.setdefault(scope.offering(code.id, lens.round_ids), []).append(code.id)
    return tuple(Offer(round_ids, tuple(codes)) for round_ids, codes in found.items() if round_ids)


def multiples(scope: Scope, lens: Lens) -> tuple[VariableInfo, ...]:
    """The multiple choices looked at."""
    return tuple(each for each in scope.variables if each.id in lens.variable_ids and each.kind == "multiple")


def tallies(
    scope: Scope, lens: Lens, of: tuple[Offer, ...], *conditions: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Rows (post, variable, code, number, text, annotators, n_0, n_1, …).

    Summed over the rows of a multiple choice, n_i is how many annotators answered it in the rounds of the
    i-th offer. They cannot be counted by their rows, since each has a row for every code they chose.
    """
    values = (col(CodingAnswer.code_id), col(CodingAnswer.number), col(CodingAnswer.text))
    voices = [_voices(scope, lens, offer).label(f"n_{place}") for place, offer in enumerate(of)]
    statement = (
        select(
            col(Assignment.post_id), col(CodingAnswer.variable_id), *values, func.count().label("y"), *voices
        )
        .select_from(Assignment)
        .join(CodingAnswer, col(CodingAnswer.coding_id) == col(Assignment.coding_id))
        .where(
            col(Assignment.round_id).in_(lens.round_ids),
            col(Assignment.state) == SUBMITTED,
            col(CodingAnswer.variable_id).in_(lens.variable_ids),
            not_hidden(scope, col(Assignment.post_id)),
            *conditions,
        )
        .group_by(col(Assignment.post_id), col(CodingAnswer.variable_id), *values)
    )
    if lens.member_ids:
        statement = statement.where(col(Assignment.member_id).in_(lens.member_ids))
    return statement if len(lens.round_ids) == 1 else statement.where(~_answered_again(lens))


def _voices(scope: Scope, lens: Lens, offer: Offer) -> ColumnElement[int]:
    """How many annotators have their first row of a multiple choice among these rows."""
    earlier = aliased(CodingAnswer)
    is_later_row = exists().where(
        col(earlier.coding_id) == col(CodingAnswer.coding_id),
        col(earlier.variable_id) == col(CodingAnswer.variable_id),
        col(earlier.id) < col(CodingAnswer.id),
    )
    asked = and_(
        col(CodingAnswer.variable_id).in_([each.id for each in multiples(scope, lens)]),
        col(Assignment.round_id).in_(offer.round_ids),
    )
    return func.sum(case((~asked, 0), (is_later_row, 0), else_=1))


def _answered_again(lens: Lens) -> ColumnElement[bool]:
    later, answer = aliased(Assignment), aliased(CodingAnswer)
    again = exists().where(
        col(later.post_id) == col(Assignment.post_id),
        col(later.member_id) == col(Assignment.member_id),
        col(later.round_id) > col(Assignment.round_id),
        col(later.round_id).in_(lens.round_ids),
        col(later.state) == SUBMITTED,
        col(answer.coding_id) == col(later.coding_id),
        col(answer.variable_id) == col(CodingAnswer.variable_id),
    )
    # Few are coded twice by the same annotator, if any: only these are looked up one by one.
    return and_(col(Assignment.id).in_(_coded_twice(lens)), again)


def _coded_twice(lens: Lens) -> Select[*tuple[Any, ...]]:
    """The assignments of annotators who coded the same post in several rounds."""
    each, first = aliased(Assignment), aliased(Assignment)
    twice = (
        select(col(first.post_id), col(first.member_id))
        .where(col(first.round_id).in_(lens.round_ids), col(first.state) == SUBMITTED)
        .group_by(col(first.post_id), col(first.member_id))
        .having(func.count() > 1)
        .subquery()
    )
    return select(col(each.id)).join(
        twice, and_(col(each.post_id) == twice.c.post_id, col(each.member_id) == twice.c.member_id)
    )

"""What annotators said of a post independently, and what they said after its discussion.

Independent is the coding that counts for agreement: made before the reveal and before it was given back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session, col

from server.adjudication.answers import Answers
from server.adjudication.scope import SUBMITTED, not_hidden
from server.coding.answers import Answer
from server.coding.models import Coding, CodingAnswer, SentBack
from server.norming.compared import Revealed
from server.norming.models import SecondAnswer, SecondCoding
from server.rounds.models import Assignment, Round

# Variable id → answers; a question without one was not answered.
Said = Mapping[int, Answers]
_Place = tuple[int, int]

_given_back = (
    select(func.min(col(SentBack.coding_id)))
    .where(col(SentBack.assignment_id) == col(Assignment.id))
    .correlate(Assignment)
    .scalar_subquery()
)


@dataclass(frozen=True)
class Twice:
    """One annotator on one post, before and after; `at` is when they coded it again."""

    post_id: int
    member_id: int
    before: Said
    after: Said
    at: datetime

    def changed(self, variable_id: int) -> bool:
        """Whether they answer a question otherwise than before."""
        return self.before.get(variable_id) != self.after.get(variable_id)


def coded_twice(db: Session, of: Revealed, post_id: int | None = None) -> tuple[Twice, ...]:
    """Who coded which post of the round again, by post and member; of one post, if one is asked for."""
    newest = _newest(of, post_id)
    seconds = db.execute(
        select(col(SecondCoding.post_id), col(SecondCoding.member_id), col(SecondCoding.submitted_at))
        .join(newest, newest.c.id == col(SecondCoding.id))
        .order_by(col(SecondCoding.post_id), col(SecondCoding.member_id))
    ).all()
    after = _said(db.execute(_second_answers(newest)))
    before = _said(db.execute(_first_answers(of).join(newest, _is_of(newest))))
    return tuple(
        Twice(post, member, before.get((post, member), {}), after.get((post, member), {}), at)
        for post, member, at in seconds
    )


def independent(db: Session, of: Revealed, post_id: int, member_id: int) -> Said | None:
    """What a member said of a post by themselves; None where they did not code it then."""
    statement = _first_answers(of).where(
        col(Assignment.post_id) == post_id, col(Assignment.member_id) == member_id
    )
    found = _said(db.execute(statement))
    return found.get((post_id, member_id))


def _newest(of: Revealed, post_id: int | None) -> CTE:
    """The last second coding of each member on each post: `id`, `post_id`, `member_id`."""
    of_round = [col(SecondCoding.round_id) == of.round.id, not_hidden(of.scope, col(SecondCoding.post_id))]
    if post_id is not None:
        of_round.append(col(SecondCoding.post_id) == post_id)
    by = (col(SecondCoding.post_id), col(SecondCoding.member_id))
    last = func.max(col(SecondCoding.id)).label("id")
    return select(last, *by).where(*of_round).group_by(*by).cte("newest")


def _second_answers(newest: CTE) -> Select[Any]:
    return (
        select(col(SecondCoding.post_id), col(SecondCoding.member_id), *_answer_of(SecondAnswer))
        .join(newest, newest.c.id == col(SecondCoding.id))
        .join(SecondAnswer, col(SecondAnswer.second_coding_id) == col(SecondCoding.id))
        .order_by(col(SecondAnswer.id))
    )


def _is_of(newest: CTE) -> ColumnElement[bool]:
    """Whether an assignment was coded again."""
    return and_(newest.c.post_id == col(Assignment.post_id), newest.c.member_id == col(Assignment.member_id))


def _first_answers(of: Revealed) -> Select[Any]:
    return (
        select(col(Assignment.post_id), col(Assignment.member_id), *_answer_of(CodingAnswer))
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .join(Coding, col(Coding.id) == func.coalesce(_given_back, col(Assignment.coding_id)))
        .outerjoin(CodingAnswer, col(CodingAnswer.coding_id) == col(Coding.id))
        .where(
            col(Assignment.round_id) == of.round.id,
            or_(col(Assignment.state) == SUBMITTED, _given_back.is_not(None)),
            or_(col(Round.is_imported), col(Coding.submitted_at) <= col(Round.revealed_at)),
        )
        .order_by(col(CodingAnswer.id))
    )


def _answer_of(table: type[CodingAnswer] | type[SecondAnswer]) -> Iterator[Any]:
    for column in (table.variable_id, table.code_id, table.number, table.text, table.nothing_applies):
        yield col(column)


def _said(rows: Iterable[Any]) -> dict[_Place, dict[int, Answers]]:
    found: dict[_Place, dict[int, Answers]] = {}
    for post_id, member_id, variable_id, *cells in rows:
        said = found.setdefault((post_id, member_id), {})
        if variable_id is not None:
            said[variable_id] = said.get(variable_id, frozenset()) | {Answer(variable_id, *cells)}
    return found

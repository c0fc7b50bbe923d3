"""What operations read of the database and no page reads in the same shape: posts and decisions by pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, col

from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.adjudication.sharing import not_owed
from server.api.models import ApiAnswer
from server.codebooks.models import Code, Variable
from server.corpora.models import Post
from server.projects.access import Access
from server.results.queries import scope_of_posts
from server.rounds.queries import in_none_of


@dataclass(frozen=True)
class DecidedAnswer:
    """One value of a decision."""

    code: str | None
    number: float | None
    text: str | None
    nothing_applies: bool


@dataclass(frozen=True)
class StandingValue:
    """The decision that stands on one variable of one post."""

    post_number: int
    post_id: str
    variable: str
    basis: str
    reason: str
    decided_at: datetime
    answers: tuple[DecidedAnswer, ...]


def posts_after(db: Session, access: Access, after: int, limit: int) -> Sequence[Post]:
    """The posts behind a number, in the order of their numbers."""
    statement = select(Post).where(col(Post.project_id) == access.project_id, col(Post.number) > after)
    return db.scalars(statement.order_by(col(Post.number)).limit(limit)).all()


def decisions_after(
    db: Session, access: Access, after: int, limit: int, variable: str | None
) -> tuple[StandingValue, ...]:
    """The standing decisions on the next `limit` decided posts, as the reader may see them.

    Left out is what the final dataset leaves out for them: decisions on posts of a round whose codings they
    may not see, on posts they still code, and on posts that they owe a second decision on.
    """
    seen = _seen(db, access)
    if variable is not None:
        seen.append(col(Variable.key) == variable)
    decided = _standing(col(Post.number)).where(*seen, col(Post.number) > after)
    numbers = db.scalars(decided.distinct().order_by(col(Post.number)).limit(limit)).all()
    if not numbers:
        return ()
    columns = (
        col(Post.number),
        col(Post.external_id),
        col(Variable.key),
        col(Decision.basis),
        col(Decision.reason),
        col(Decision.decided_at),
        col(Decision.id),
        col(Code.key),
        col(DecisionAnswer.number),
        col(DecisionAnswer.text),
        col(DecisionAnswer.nothing_applies),
    )
    statement = (
        _standing(*columns)
        .outerjoin(DecisionAnswer, col(DecisionAnswer.decision_id) == col(Decision.id))
        .outerjoin(Code, col(Code.id) == col(DecisionAnswer.code_id))
        .where(*seen, col(Post.number).between(numbers[0], numbers[-1]))
        .order_by(col(Post.number), col(Variable.id), col(DecisionAnswer.id))
    )
    rows = db.execute(statement).all()
    return tuple(_value(list(of_one)) for _key, of_one in groupby(rows, key=lambda row: row[6]))


def _standing(*columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(StandingDecision)
        .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
        .join(Post, col(Post.id) == col(StandingDecision.post_id))
        .join(Variable, col(Variable.id) == col(StandingDecision.variable_id))
    )


def _seen(db: Session, access: Access) -> list[ColumnElement[bool]]:
    scope = scope_of_posts(db, access)
    post_id = col(StandingDecision.post_id)
    return [
        col(StandingDecision.project_id) == access.project_id,
        col(Decision.basis) != "withdrawn",
        in_none_of((sight.round_id for sight in scope.hidden), post_id),
        not_owed(scope.owed, post_id),
    ]


def _value(rows: list[Any]) -> StandingValue:
    answers = (DecidedAnswer(row[7], row[8], row[9], bool(row[10])) for row in rows if row[10] is not None)
    number, external_id, variable, basis, reason, decided_at, *_answer = rows[0]
    return StandingValue(number, external_id, variable, basis, reason, decided_at, tuple(answers))


def answer_given(db: Session, access: Access, key: str) -> ApiAnswer | None:
    """What was answered when this account sent the key before; None where it did not."""
    found: ApiAnswer | None = db.scalar(
        select(ApiAnswer).where(
            col(ApiAnswer.project_id) == access.project_id,
            col(ApiAnswer.account_id) == access.account_id,
            col(ApiAnswer.key) == key,
        )
    )
    return found

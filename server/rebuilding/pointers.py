"""Whether what counts as current is the newest: the coding of an assignment, the decision on a question."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.adjudication.models import Decision, StandingDecision
from server.adjudication.standing import SECOND
from server.coding.models import Coding, SentBack
from server.coding.tables import SKIPPED, SUBMITTED, WITHDRAWN
from server.corpora.models import Post
from server.projects.models import Member
from server.rebuilding.differences import CODING, DECISION, Difference, Kind
from server.rounds.models import Assignment, Round


def misplaced(db: Session, project_id: int) -> Iterator[Difference]:
    """Assignments with another coding than their newest, or kept out of the count; questions likewise."""
    for kind, statement in ((Kind.NOT_CURRENT, _not_newest()), (Kind.NOT_COUNTED, _not_counted())):
        of_project = statement.where(col(Round.project_id) == project_id).order_by(col(Assignment.id))
        for post, round_, account_id in db.execute(of_project):
            yield Difference(kind, CODING, post, round_, account_id)
    for post in db.scalars(_not_standing(project_id)):
        yield Difference(Kind.NOT_CURRENT, DECISION, post)


def _assignments() -> Select[*tuple[Any, ...]]:
    return (
        select(col(Post.number), col(Round.number), col(Member.account_id))
        .join_from(Assignment, Round, col(Round.id) == col(Assignment.round_id))
        .join(Post, col(Post.id) == col(Assignment.post_id))
        .join(Member, col(Member.id) == col(Assignment.member_id))
    )


def _not_newest() -> Select[*tuple[Any, ...]]:
    newest, current = aliased(Coding), aliased(Coding)
    newer = exists().where(
        col(newest.assignment_id) == col(Assignment.id),
        or_(col(current.id).is_(None), col(newest.revision) > col(current.revision)),
    )
    is_anothers = col(current.assignment_id) != col(Assignment.id)
    has_none = and_(col(Assignment.state) == SUBMITTED, col(current.id).is_(None))
    found = _assignments().outerjoin(current, col(current.id) == col(Assignment.coding_id))
    return found.where(or_(newer, is_anothers, has_none))


def _not_counted() -> Select[*tuple[Any, ...]]:
    """With a coding, and not submitted: unless it was sent back and its annotator may still answer."""
    given_back = exists().where(col(SentBack.coding_id) == col(Assignment.coding_id))
    is_over = or_(col(Assignment.state) == WITHDRAWN, col(Round.revealed_at).is_not(None))
    return _assignments().where(
        col(Assignment.coding_id).is_not(None),
        col(Assignment.state) != SUBMITTED,
        or_(~given_back, and_(is_over, col(Assignment.state) != SKIPPED)),
    )


def _not_standing(project_id: int) -> Select[*tuple[Any, ...]]:
    """Posts with a question on which the newest decision does not stand, or another one does."""
    later, stands = aliased(Decision), aliased(StandingDecision)
    is_newest = ~exists().where(col(later.supersedes_id) == col(Decision.id))
    can_stand = and_(is_newest, col(Decision.basis) != SECOND)
    of_same = and_(
        col(stands.decision_id) == col(Decision.id),
        col(stands.post_id) == col(Decision.post_id),
        col(stands.variable_id) == col(Decision.variable_id),
    )
    does_stand = exists().where(of_same)
    return (
        select(col(Post.number))
        .join_from(Decision, Post, col(Post.id) == col(Decision.post_id))
        .where(
            col(Decision.project_id) == project_id,
            or_(and_(can_stand, ~does_stand), and_(~can_stand, does_stand)),
        )
        .order_by(col(Decision.id))
    )

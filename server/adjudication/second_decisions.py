"""Second decisions: made without seeing the first, kept beside it, and what follows where the two differ."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from server.adjudication.models import Decision, SecondDecision, StandingDecision
from server.adjudication.standing import ADJUDICATED, SECOND, WITHDRAWN, Past, Standing
from server.adjudication.writing import Ruling, write, write_answers
from server.language import gettext as _
from server.projects.access import Access


def shown_of(past: tuple[Past, ...]) -> tuple[Past, ...]:
    """What of the decisions about a post whoever still owes theirs may see: what rules decided."""
    return tuple(each for each in past if each.batch_number is not None)


def is_shown(standing: Standing) -> bool:
    """Whether they may see what stands on a question."""
    return standing.decision is None or standing.decision.batch_number is not None


def write_second(db: Session, access: Access, post_id: int, first: Past, ruling: Ruling) -> bool:
    """Keep a second decision; returns whether it is like the first, which is taken back otherwise."""
    row = Decision(
        project_id=access.project_id,
        post_id=post_id,
        variable_id=first.variable_id,
        basis=SECOND,
        reason=ruling.reason,
        decided_by=access.account_id,
        decided_at=ruling.at,
    )
    db.add(row)
    db.flush()
    write_answers(db, [(row.id or 0, ruling.answers)])
    is_alike = ruling.answers == first.answers
    second = SecondDecision(
        decision_id=row.id or 0,
        first_id=first.id,
        project_id=access.project_id,
        post_id=post_id,
        variable_id=first.variable_id,
        is_alike=is_alike,
    )
    db.add(second)
    db.flush()
    if not is_alike:
        _open_again(db, access, post_id, first, ruling.at)
    return is_alike


def _open_again(db: Session, access: Access, post_id: int, first: Past, at: datetime) -> None:
    reason = _("The two adjudicators differ, so the question is open until it is settled.")
    write(
        db,
        access,
        post_id,
        Standing(first.variable_id, first),
        Ruling(WITHDRAWN, frozenset(), reason, at),
    )


def is_first(standing: Standing) -> bool:
    """Whether a decision stands to which a second one can be compared."""
    return standing.in_force is not None and standing.in_force.basis == ADJUDICATED


def apart_on(db: Session, post_id: int) -> frozenset[int]:
    """The questions of a post on which two adjudicators differed."""
    is_apart = col(SecondDecision.is_alike).is_(False)
    statement = select(col(SecondDecision.variable_id))
    return frozenset(db.scalars(statement.where(col(SecondDecision.post_id) == post_id, is_apart)))


def apart_posts(db: Session, project_id: int) -> frozenset[int]:
    """The posts on which two adjudicators differ and nothing is settled since."""
    second = SecondDecision
    return frozenset(
        db.scalars(
            select(col(second.post_id))
            .join(StandingDecision, col(StandingDecision.post_id) == col(second.post_id))
            .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
            .where(
                col(second.project_id) == project_id,
                col(second.is_alike).is_(False),
                col(StandingDecision.variable_id) == col(second.variable_id),
                col(Decision.basis) == WITHDRAWN,
            )
        )
    )

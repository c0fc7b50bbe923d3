"""Codings that were sent back and not submitted again: once nobody can, they count again as they were."""

from collections import Counter
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from server.clock import now
from server.rounds.models import Assignment, RoundAnnotator
from server.rounds.slots import QUEUED

_COUNTS = "submitted"


def count_unanswered(db: Session, *whose: Any) -> int:
    """Let those of these assignments that were sent back count as they did before; returns how many."""
    was_sent_back = (col(Assignment.state) == QUEUED, col(Assignment.coding_id).is_not(None))
    moved = (
        update(Assignment)
        .where(*was_sent_back, *whose)
        .values(state=_COUNTS, changed_at=now())
        .returning(col(Assignment.round_id), col(Assignment.member_id))
        .execution_options(synchronize_session=False)
    )
    found = Counter((round_id, member_id) for round_id, member_id in db.execute(moved))
    for (round_id, member_id), n in sorted(found.items()):
        _count(db, round_id, member_id, n)
    return found.total()


def _count(db: Session, round_id: int, member_id: int, n: int) -> None:
    it = (col(RoundAnnotator.round_id) == round_id, col(RoundAnnotator.member_id) == member_id)
    more = update(RoundAnnotator).where(*it).values(n_submitted=col(RoundAnnotator.n_submitted) + n)
    db.execute(more.execution_options(synchronize_session=False))

"""Codings that were sent back and not submitted again: while nobody can, they count as they were."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, column, exists, table, update
from sqlmodel import Session, col

from server.clock import now
from server.rounds.counters import count
from server.rounds.models import Assignment
from server.rounds.slots import QUEUED

_COUNTS = "submitted"
_sent_back = table("sent_back", column("coding_id", Integer))


def count_unanswered(db: Session, *whose: Any) -> int:
    """Let those of these assignments that were sent back count as they did before; returns how many."""
    was_sent_back = (col(Assignment.state) == QUEUED, col(Assignment.coding_id).is_not(None))
    return _move(db, _COUNTS, +1, *was_sent_back, *whose)


def wait_again(db: Session, round_id: int, since: datetime) -> int:
    """Let those that have counted again since the round was locked wait for their annotators; how many."""
    was_sent_back = exists().where(_sent_back.c.coding_id == col(Assignment.coding_id))
    counted = (col(Assignment.state) == _COUNTS, col(Assignment.changed_at) >= since, was_sent_back)
    return _move(db, QUEUED, -1, col(Assignment.round_id) == round_id, *counted)


def _move(db: Session, state: str, sign: int, *which: Any) -> int:
    moved = (
        update(Assignment)
        .where(*which)
        .values(state=state, changed_at=now())
        .returning(col(Assignment.round_id), col(Assignment.member_id))
        .execution_options(synchronize_session=False)
    )
    found = Counter((round_id, member_id) for round_id, member_id in db.execute(moved))
    for (round_id, member_id), n in sorted(found.items()):
        count(db, round_id, member_id, n_submitted=sign * n)
    return found.total()

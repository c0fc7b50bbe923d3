"""Disputes are kept in memory while nothing changes them, since deciding needs them after every post.

Working them out takes the database seconds at a hundred thousand posts. Decisions do not change them;
everything else that could is written to the project's history, whose writers come one after the other.
"""

from sqlalchemy import func, not_, select
from sqlmodel import Session, col

from server.adjudication.disputes import Dispute, disputes
from server.adjudication.scope import Scope
from server.adjudication.tallies import Lens
from server.coding.models import Coding
from server.history.models import HistoryEvent
from server.rounds.models import RoundAnnotator

_KEPT = 8
_Stamp = tuple[int | None, ...]


def remembered_disputes(db: Session, scope: Scope, lens: Lens) -> tuple[Dispute, ...]:
    """The disputes of a lens, from memory if they were worked out since the last change."""
    memory = db.info["memory"]
    key = ("disputes", scope.project_id)
    stamp = _stamp(db, scope)
    looked = (lens, scope.hidden)
    kept_at, kept = memory.get(key, (None, {}))
    if kept_at == stamp and looked in kept:
        found: tuple[Dispute, ...] = kept[looked]
        return found
    found = disputes(db, scope, lens)
    fresh = kept if kept_at == stamp and len(kept) < _KEPT else {}
    memory[key] = (stamp, {**fresh, looked: found})
    return found


def _stamp(db: Session, scope: Scope) -> _Stamp:
    """Changes with everything that can change an answer."""
    last_event = (
        select(col(HistoryEvent.sequence))
        .where(
            col(HistoryEvent.chain) == scope.project_id,
            not_(col(HistoryEvent.action).startswith("adjudication.")),
        )
        .order_by(col(HistoryEvent.sequence).desc())
        .limit(1)
    )
    submitted = select(func.sum(RoundAnnotator.n_submitted)).where(
        col(RoundAnnotator.round_id).in_(scope.round_ids)
    )
    return db.scalar(last_event), db.scalar(submitted), db.scalar(select(func.max(col(Coding.id))))

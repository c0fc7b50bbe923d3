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
from server.rounds.queries import Sight

_KEPT = 8
# So many codings are compared within the time of a page that only wants a number.
_QUICK = 20_000
_Stamp = tuple[int | None, ...]
_Kept = dict[tuple[Lens, tuple[Sight, ...]], tuple[Dispute, ...]]


def remembered_disputes(db: Session, scope: Scope, lens: Lens) -> tuple[Dispute, ...]:
    """The disputes of a lens, from memory if they were worked out since the last change."""
    stamp = _stamp(db, scope)
    found = _kept(db, scope, stamp).get((lens, scope.hidden))
    return _worked_out(db, scope, lens, stamp) if found is None else found


def quick_disputes(db: Session, scope: Scope, lens: Lens) -> tuple[Dispute, ...] | None:
    """The same where that takes no time: they are in memory, or there are few codings. Else None."""
    stamp = _stamp(db, scope)
    found = _kept(db, scope, stamp).get((lens, scope.hidden))
    is_quick = (stamp[1] or 0) <= _QUICK
    return _worked_out(db, scope, lens, stamp) if found is None and is_quick else found


def _kept(db: Session, scope: Scope, stamp: _Stamp) -> _Kept:
    kept_at, kept = db.info["memory"].get(("disputes", scope.project_id), (None, {}))
    return kept if kept_at == stamp else {}


def _worked_out(db: Session, scope: Scope, lens: Lens, stamp: _Stamp) -> tuple[Dispute, ...]:
    found = disputes(db, scope, lens)
    kept = _kept(db, scope, stamp)
    fresh = kept if len(kept) < _KEPT else {}
    db.info["memory"]["disputes", scope.project_id] = (stamp, {**fresh, (lens, scope.hidden): found})
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

"""Disputes are kept in memory while nothing changes them, since deciding needs them after every post.

Working them out takes the database seconds at a hundred thousand posts. Decisions do not change them;
everything else that could is written to the project's history, whose writers come one after the other.
"""

from typing import Any

from sqlalchemy import BigInteger, func, not_, select
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col

from server.adjudication.bulk import Proposal, Rule, propose
from server.adjudication.disputes import Dispute, disputes
from server.adjudication.scope import Scope
from server.adjudication.tallies import Lens
from server.coding.models import Coding
from server.history.models import HistoryEvent
from server.rounds.models import Assignment, RoundAnnotator
from server.rounds.queries import Sight

_KEPT = 8
# So many codings are compared within the time of a page that only wants a number.
_QUICK = 20_000
_Stamp = tuple[int | None, ...]
_Kept = dict[tuple[Lens, tuple[Sight, ...]], tuple[Dispute, ...]]


def remembered_disputes(db: Session, scope: Scope, lens: Lens) -> tuple[Dispute, ...]:
    """The disputes of a lens, from memory if they were worked out since the last change."""
    stamp = stamp_of(db, scope)
    found = _kept(db, scope, stamp).get((lens, scope.hidden))
    return _worked_out(db, scope, lens, stamp) if found is None else found


def quick_disputes(db: Session, scope: Scope, lens: Lens) -> tuple[Dispute, ...] | None:
    """The same where that takes no time: they are in memory, or there are few codings. Else None."""
    stamp = stamp_of(db, scope)
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


def remembered_proposal(db: Session, scope: Scope, rule: Rule) -> Proposal:
    """What a rule would decide, from memory if nothing was coded or decided since its preview.

    So whoever accepts it holds the only writer of SQLite no longer than writing takes.
    """
    now = (rule, scope, _whole_stamp(db, scope))
    kept: tuple[Any, Proposal] | None = db.info["memory"].get("proposal")
    if kept is not None and kept[0] == now:
        return kept[1]
    found = propose(db, scope, rule)
    # Only the last one is kept: it may hold a decision for each question of each post.
    db.info["memory"]["proposal"] = (now, found)
    return found


def _whole_stamp(db: Session, scope: Scope) -> tuple[Any, ...]:
    """Changes with every coding, correction, skip and decision, and with nothing in other projects.

    The current coding of an assignment is only ever followed by one with a higher id.
    """
    last_event = select(func.max(col(HistoryEvent.sequence))).where(
        col(HistoryEvent.chain) == scope.project_id
    )
    assigned = (
        select(
            col(Assignment.round_id),
            col(Assignment.state),
            func.count(),
            func.sum(sql_cast(col(Assignment.id), BigInteger)),
            func.sum(sql_cast(col(Assignment.coding_id), BigInteger)),
        )
        .where(col(Assignment.round_id).in_(scope.round_ids))
        .group_by(col(Assignment.round_id), col(Assignment.state))
        .order_by(col(Assignment.round_id), col(Assignment.state))
    )
    return db.scalar(last_event), tuple(tuple(row) for row in db.execute(assigned))


def stamp_of(db: Session, scope: Scope) -> _Stamp:
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

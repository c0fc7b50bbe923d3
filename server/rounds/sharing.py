"""What readers of rounds have to know of shared queues: nobody's assignments say what is still to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.db.moments import in_minutes
from server.projects.access import Access
from server.rounds.models import QueueSlot, Round, RoundAnnotator, RoundQueue


@dataclass(frozen=True)
class Share:
    """A shared queue as one of its annotators sees it.

    `n_left` codings are left for all of them; `is_over`: none of these for this annotator, who was withdrawn
    or has as many as one may have.
    """

    n_left: int
    is_over: bool

    @property
    def has_more(self) -> bool:
        """Whether one of these is for this annotator."""
        return self.n_left > 0 and not self.is_over


@dataclass(frozen=True)
class QueueFacts:
    """How far a shared queue is. `n_overdue` of the leased slots have run out; the next taker opens them."""

    n_open: int
    n_leased: int
    n_overdue: int
    n_done: int
    n_extra: int
    back_at: datetime | None


def codes_here() -> ColumnElement[bool]:
    """Whether an annotator has, had or may get posts of their round."""
    is_queue = exists().where(col(RoundQueue.round_id) == col(RoundAnnotator.round_id))
    return or_(col(RoundAnnotator.n_assigned) > 0, and_(~col(RoundAnnotator.is_withdrawn), is_queue))


def in_queues_of(round_ids: Iterable[int] | Select[int], post_id: Any) -> ColumnElement[bool]:
    """Whether a post is in one of these rounds' shared queues, whoever may get it."""
    slot = aliased(QueueSlot)
    return exists().where(col(slot.post_id) == post_id, col(slot.round_id).in_(round_ids))


def waits_in_queue(round_ids: Iterable[int], post_id: Any) -> ColumnElement[bool]:
    """Whether one of these rounds' shared queues still wants a coding of a post."""
    slot = aliased(QueueSlot)
    return exists().where(
        col(slot.post_id) == post_id, col(slot.round_id).in_(round_ids), col(slot.state) != "done"
    )


def share_columns() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """`n_left` and `is_over` of a `Share`, beside a round and one of its annotators; null without a queue.

    Counters are added up, one of each annotator: no slot is counted.
    """
    every = aliased(RoundAnnotator)
    done = (
        select(func.sum(col(every.n_submitted) - col(every.n_extra)))
        .where(col(every.round_id) == col(RoundQueue.round_id))
        .scalar_subquery()
    )
    mine = col(RoundQueue.round_id) == col(Round.id)
    n_left = select(col(RoundQueue.n_slots) - done).where(mine).correlate(Round).scalar_subquery()
    cap = select(col(RoundQueue.cap)).where(mine).correlate(Round).scalar_subquery()
    n_submitted, quota = col(RoundAnnotator.n_submitted), col(RoundAnnotator.quota)
    is_capped = or_(*(func.coalesce(n_submitted >= most, false()) for most in (cap, quota)))
    return n_left.label("n_left"), or_(col(RoundAnnotator.is_withdrawn), is_capped).label("is_over")


def share_of(row: Any) -> Share | None:
    """The share in a row with the columns of `share_columns`."""
    return None if row.n_left is None else Share(int(row.n_left), bool(row.is_over))


def queue_facts(db: Session, access: Access, round_id: int) -> QueueFacts | None:
    """How far the shared queue of a round is; None where the round has a plan."""
    leased, is_overdue = col(QueueSlot.state) == "leased", col(QueueSlot.lease_until) < in_minutes(0)
    row = db.execute(
        select(
            _how_many(col(QueueSlot.state) == "open").label("n_open"),
            _how_many(leased).label("n_leased"),
            _how_many(and_(leased, is_overdue)).label("n_overdue"),
            _how_many(col(QueueSlot.state) == "done").label("n_done"),
            func.min(col(QueueSlot.lease_until)).label("back_at"),
            _n_extra(round_id).label("n_extra"),
        )
        .join(Round, col(Round.id) == col(QueueSlot.round_id))
        .where(col(QueueSlot.round_id) == round_id, col(Round.project_id) == access.project_id)
    ).one()
    if row.n_open is None:
        return None
    return QueueFacts(row.n_open, row.n_leased, row.n_overdue, row.n_done, row.n_extra, row.back_at)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _n_extra(round_id: int) -> Any:
    of_round = col(RoundAnnotator.round_id) == round_id
    return select(func.sum(col(RoundAnnotator.n_extra))).where(of_round).scalar_subquery()

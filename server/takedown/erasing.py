"""What a takedown does to rows about the posts: what was coded and decided, and what is still to be coded."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from server.clock import now
from server.coding.tables import SKIPPED, SUBMITTED, WITHDRAWN
from server.corpora.models import Erasure, Upload
from server.db.tables import sql_table
from server.rounds.counters import count
from server.rounds.models import Assignment, QueueSlot, RoundQueue
from server.rounds.slots import QUEUED, RETURNED
from server.rounds.unanswered import count_unanswered
from server.takedown.places import REMOVED, UNSENT, about

WAITING = (QUEUED, RETURNED)


class Permit:
    """While it is held, the append-only tables may be changed, in this transaction and in no other."""

    def __init__(self, db: Session, post_ids: Sequence[int]) -> None:
        self._db, self._post_ids = db, post_ids

    def __enter__(self) -> None:
        """Open them."""
        self._db.add_all(Erasure(post_id=post_id) for post_id in self._post_ids)
        self._db.flush()

    def __exit__(self, error: type[BaseException] | None, *_more: object) -> None:
        """Close them again; after an error the transaction is undone as a whole."""
        if error is None:
            self._db.execute(delete(Erasure))


def hold_assignments(db: Session, post_ids: Sequence[int]) -> None:
    """Wait for whoever is storing something about the posts at this moment, and let them wait for us.

    An assignment is the first that annotators hold: what they store is there before we look, or not at all.
    Nor does a shared queue hand them out any more: whoever takes a post passes over slots that are held. What
    it has handed out until then is held, too.
    """
    held = (
        select(col(Assignment.id)).where(col(Assignment.post_id).in_(post_ids)).order_by(col(Assignment.id))
    )
    slots = select(col(QueueSlot.id)).where(col(QueueSlot.post_id).in_(post_ids)).order_by(col(QueueSlot.id))
    db.execute(held.with_for_update(key_share=True)).all()
    if db.execute(slots.with_for_update()).all():
        db.execute(held.with_for_update(key_share=True)).all()


def forget_unsent(db: Session, project_id: int, post_ids: Sequence[int]) -> None:
    """Remove drafts about the posts, and files that wait to be imported, which may hold them."""
    for table in UNSENT:
        db.execute(delete(sql_table(table)).where(about(table, post_ids)))
    db.execute(delete(Upload).where(col(Upload.project_id) == project_id))


def remove_codings(db: Session, post_ids: Sequence[int]) -> None:
    """Remove what was coded, decided, said and known in advance about the posts."""
    for table in REMOVED:
        db.execute(delete(sql_table(table)).where(about(table, post_ids)))


def take_back(db: Session, post_ids: Sequence[int], *, keeps_codings: bool) -> None:
    """Let nobody code the posts any more; with `keeps_codings`, what was submitted or skipped stays so."""
    of_posts = col(Assignment.post_id).in_(post_ids)
    if keeps_codings:
        count_unanswered(db, of_posts)
    taken = of_posts & (
        col(Assignment.state).in_(WAITING) if keeps_codings else col(Assignment.state) != WITHDRAWN
    )
    _uncount(db, taken)
    values: dict[str, Any] = {"state": WITHDRAWN, "changed_at": now()}
    if not keeps_codings:
        values |= {"coding_id": None, "is_extra": False, "skip_reason": None}
    db.execute(update(Assignment).where(taken).values(values).execution_options(synchronize_session=False))
    _empty_queues(db, post_ids, keeps_codings=keeps_codings)


def _uncount(db: Session, taken: Any) -> None:
    for round_id, member_id, n in _by_counter(db, taken):
        count(db, round_id, member_id, n_assigned=-n)
    done = taken & (col(Assignment.state) == SUBMITTED)
    for round_id, member_id, n in _by_counter(db, done):
        count(db, round_id, member_id, n_submitted=-n)
    for round_id, member_id, n in _by_counter(db, done & col(Assignment.is_extra)):
        count(db, round_id, member_id, n_extra=-n)
    for round_id, member_id, n in _by_counter(db, taken & (col(Assignment.state) == SKIPPED)):
        count(db, round_id, member_id, n_skipped=-n)


def _by_counter(db: Session, where: Any) -> list[Any]:
    by = (col(Assignment.round_id), col(Assignment.member_id))
    return list(db.execute(select(*by, func.count()).where(where).group_by(*by)))


def _empty_queues(db: Session, post_ids: Sequence[int], *, keeps_codings: bool) -> None:
    """Take the posts out of shared queues; with `keeps_codings`, slots that are done stay."""
    gone: Any = col(QueueSlot.post_id).in_(post_ids)
    if keeps_codings:
        gone &= col(QueueSlot.state) != "done"
    by_round = select(col(QueueSlot.round_id), func.count()).where(gone).group_by(col(QueueSlot.round_id))
    for round_id, n in db.execute(by_round).all():
        fewer = update(RoundQueue).where(col(RoundQueue.round_id) == round_id)
        db.execute(fewer.values(n_slots=col(RoundQueue.n_slots) - n))
    db.execute(delete(QueueSlot).where(gone))

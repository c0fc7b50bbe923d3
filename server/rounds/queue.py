"""A shared queue: whoever is free takes the next post, has it for a while, and submits it or loses it.

Each statement touches a few rows by an index, however many posts and annotators there are. What makes it
right on both databases:

- a lease is a slot in the state `leased` and its annotator's assignment in the state `queued`, always both;
- who takes a post holds their own counter first, so that one person takes one post at a time;
- on PostgreSQL nobody waits for another's slot: what is locked at this moment is passed over. Where nothing
  else is left, the annotator is told to wait, and not that all is done;
- times are the database's (`server.db.moments`).

States stand in the statements themselves: with a value in their place neither database could know that its
index of the open slots will do. Where one post is meant, the slot is told by `member_id` and `lease_until`
instead, so that its post's few slots are looked through and not all that are open or leased.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from server.clock import now
from server.db.engine import connection_of
from server.db.moments import in_minutes
from server.db.prepared import Prepared
from server.projects.access import Access
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator, RoundQueue
from server.rounds.ranks import start

QUEUED, RETURNED = "queued", "returned"
MOST_GIVEN_BACK = 10

_slot_table = cast(SqlTable, QueueSlot.__table__)  # type: ignore[attr-defined]
_assignment_table = cast(SqlTable, Assignment.__table__)  # type: ignore[attr-defined]
_counter_table = cast(SqlTable, RoundAnnotator.__table__)  # type: ignore[attr-defined]
_round_table = cast(SqlTable, Round.__table__)  # type: ignore[attr-defined]
_queue_table = cast(SqlTable, RoundQueue.__table__)  # type: ignore[attr-defined]
_slot, _assignment, _counter = _slot_table.c, _assignment_table.c, _counter_table.c
_OPEN: ColumnElement[str] = literal_column("'open'")
_LEASED: ColumnElement[str] = literal_column("'leased'")
_DONE: ColumnElement[str] = literal_column("'done'")
_ONE: ColumnElement[int] = literal_column("1")


@dataclass(frozen=True)
class Place:
    """An annotator at a shared queue, with its rules."""

    round_id: int
    member_id: int
    counter_id: int
    n_posts: int
    lease_minutes: int
    cap: int | None
    seed: int | None

    @property
    def whose(self) -> dict[str, int]:
        """What most statements ask for."""
        return {"round_id": self.round_id, "member_id": self.member_id}


class Ahead(Enum):
    """What a shared queue has for an annotator."""

    POST = auto()
    WAITING = auto()
    CAPPED = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Prospect:
    """What is ahead; while waiting, when the next post may come back at the latest."""

    ahead: Ahead
    back_at: datetime | None = None


def _own(of: Any, *conditions: Any) -> Any:
    """The annotator's assignment of a slot's post: one search a slot, among the assignments of the post.

    `+ 0` keeps PostgreSQL from looking through all assignments of a round that it takes for a small one,
    since it was a moment ago.
    """
    return (
        select(_assignment.id)
        .where(
            _assignment.post_id == of.post_id,
            _assignment.round_id + 0 == bindparam("round_id"),
            _assignment.member_id == bindparam("member_id"),
            *conditions,
        )
        .scalar_subquery()
    )


_wanted_table = _slot_table.alias("wanted")
_wanted = _wanted_table.c
_is_open = and_(_wanted.round_id == bindparam("round_id"), _wanted.state == _OPEN)
_my_lease = and_(
    _slot.round_id == bindparam("round_id"),
    _slot.post_id == bindparam("post_id"),
    _slot.member_id == bindparam("member_id"),
    _slot.lease_until.is_not(None),
)


def _leasing(chosen: Any) -> Prepared:
    """Lease the slot that is chosen, if there is one."""
    only = chosen.limit(_ONE).with_for_update(skip_locked=True).scalar_subquery()
    return Prepared(
        update(_slot_table)
        .where(_slot.id == only)
        .values(
            state=_LEASED,
            member_id=bindparam("member_id"),
            lease_until=in_minutes(bindparam("minutes")),
        )
        .returning(_slot.post_id, _slot.rank)
    )


def _searching(ranks: Any) -> Prepared:
    free = select(_wanted.id).where(_is_open, ranks, _own(_wanted).is_(None))
    return _leasing(free.order_by(_wanted.rank))


take_after = _searching(_wanted.rank > bindparam("cursor"))
take_up_to = _searching(_wanted.rank <= bindparam("cursor"))
_take_again = _leasing(
    select(_wanted.id)
    .join_from(_assignment_table, _wanted_table, _wanted.post_id == _assignment.post_id)
    .where(
        _is_open,
        _assignment.round_id == bindparam("round_id"),
        _assignment.member_id == bindparam("member_id"),
        _assignment.state == RETURNED,
    )
    .order_by(_assignment.position)
)
_resume = Prepared(
    update(_assignment_table)
    .where(
        _assignment.round_id == bindparam("b_round"),
        _assignment.post_id == bindparam("b_post"),
        _assignment.member_id == bindparam("b_member"),
    )
    .values(state=QUEUED, changed_at=bindparam("b_at"))
    .returning(_assignment.position)
)
_assign = Prepared(
    insert(_assignment_table).inline(), "round_id", "post_id", "member_id", "position", "state", "is_extra"
)
_hand = Prepared(
    update(_counter_table)
    .where(_counter.id == bindparam("b_id"))
    .values(n_assigned=bindparam("b_assigned"), cursor=bindparam("b_cursor"))
)
_of_counter = select(_counter.n_assigned, _counter.n_submitted, _counter.cursor, _counter.is_withdrawn).where(
    _counter.id == bindparam("counter_id")
)
_look = Prepared(_of_counter)
# Held until the transaction ends: whoever sends two forms at once takes one post after the other.
_hold = Prepared(_of_counter.with_for_update())
_left = Prepared(
    select(_assignment.state, _assignment.position, _assignment.post_id)
    .where(
        _assignment.round_id == bindparam("round_id"),
        _assignment.member_id == bindparam("member_id"),
        or_(_assignment.state == QUEUED, _assignment.state == RETURNED),
    )
    .order_by(_assignment.state, _assignment.position)
)
_run_out = Prepared(
    select(_slot.id.label("slot_id"), _assignment.id.label("assignment_id"))
    .join_from(
        _slot_table,
        _assignment_table,
        and_(
            _assignment.round_id == _slot.round_id,
            _assignment.post_id == _slot.post_id,
            _assignment.member_id == _slot.member_id,
        ),
    )
    .where(
        _slot.round_id == bindparam("round_id"),
        _slot.state == _LEASED,
        _slot.lease_until < in_minutes(0),
    )
    .order_by(_slot.lease_until)
    .limit(literal_column(str(MOST_GIVEN_BACK)))
    .with_for_update(skip_locked=True)
)
_given_back = {"state": _OPEN, "member_id": null(), "lease_until": null()}
_open_again = Prepared(update(_slot_table).where(_slot.id == bindparam("b_id")).values(_given_back))
_take_back = Prepared(
    update(_assignment_table)
    .where(_assignment.id == bindparam("b_id"))
    .values(state=RETURNED, changed_at=bindparam("b_at"))
)
_renew = Prepared(
    update(_slot_table)
    .where(_my_lease, _slot.lease_until < in_minutes(bindparam("half")))
    .values(lease_until=in_minutes(bindparam("minutes")))
)
_give_back = Prepared(update(_slot_table).where(_my_lease).values(_given_back))
_release = Prepared(
    update(_slot_table)
    .where(
        _slot.round_id == bindparam("round_id"),
        _slot.member_id == bindparam("member_id"),
        _slot.state == _LEASED,
    )
    .values(_given_back)
)
_finish = Prepared(update(_slot_table).where(_my_lease).values(state=_DONE, lease_until=null()))
_claim = Prepared(
    update(_slot_table)
    .where(
        _slot.id
        == select(_wanted.id)
        .where(
            _wanted.round_id == bindparam("round_id"),
            _wanted.post_id == bindparam("post_id"),
            _wanted.member_id.is_(None),
        )
        .limit(_ONE)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    .values(state=_DONE, member_id=bindparam("member_id"))
)
_of_place = (
    select(
        _round_table.c.id,
        _counter.id.label("counter_id"),
        _round_table.c.n_posts,
        _queue_table.c.lease_minutes,
        _queue_table.c.cap,
        _queue_table.c.seed,
    )
    .join_from(_round_table, _queue_table, _queue_table.c.round_id == _round_table.c.id)
    .join(_counter_table, _counter.round_id == _round_table.c.id)
    .where(
        _round_table.c.project_id == bindparam("project_id"),
        _round_table.c.number == bindparam("round_number"),
        _round_table.c.locked_at.is_(None),
        _counter.member_id == bindparam("member_id"),
    )
)
_see_place = Prepared(_of_place)
# The round is held against being locked meanwhile.
_hold_place = Prepared(_of_place.with_for_update(read=True, of=_round_table))
_not_returned = _assignment.state != RETURNED
_free = Prepared(
    select(_wanted.id)
    .where(_is_open, _own(_wanted, _not_returned).is_(None))
    .order_by(_wanted.rank)
    .limit(_ONE)
)
_back = Prepared(
    select(func.min(_slot.lease_until).label("back_at")).where(
        _slot.round_id == bindparam("round_id"),
        _slot.state == _LEASED,
        _own(_slot, _not_returned).is_(None),
    )
)


def place_in(db: Session, access: Access, round_number: int) -> Place | None:
    """The member's place at the shared queue of an open round; None where it has none for them."""
    return _place_found(_see_place, db, access, round_number)


def held_place_in(db: Session, access: Access, round_number: int) -> Place | None:
    """The same, and the round stays open until the transaction ends."""
    return _place_found(_hold_place, db, access, round_number)


def _place_found(of: Prepared, db: Session, access: Access, round_number: int) -> Place | None:
    asked = {
        "project_id": access.project_id,
        "member_id": access.member_id,
        "round_number": round_number,
    }
    found = of.first(connection_of(db), asked)
    if found is None:
        return None
    round_id, *rest = found
    return Place(round_id, access.member_id, *rest)


def take(connection: Connection, at: Place) -> int | None:
    """The position of the post that the annotator codes next; None where there is none for them now.

    First the one they have, then one they had until its lease ran out, then a new one.
    """
    counter = _hold.first(connection, {"counter_id": at.counter_id})
    left = _left.all(connection, at.whose)
    if left and left[0].state == QUEUED:
        renew(connection, at, left[0].post_id)
        return int(left[0].position)
    if _may_take_none(at, counter):
        return None
    give_back_what_ran_out(connection, at.round_id)
    position = _taken_again(connection, at) if left else None
    return position or _taken(connection, at, counter)


def held_position(connection: Connection, at: Place) -> int | None:
    """The position of the post that the annotator has now."""
    left = _left.first(connection, at.whose)
    return int(left.position) if left and left.state == QUEUED else None


def _may_take_none(at: Place, counter: Any) -> bool:
    return bool(counter.is_withdrawn) or _is_capped(at, counter)


def _is_capped(at: Place, counter: Any) -> bool:
    return at.cap is not None and counter.n_submitted >= at.cap


def _taken_again(connection: Connection, at: Place) -> int | None:
    found = _take_again.first(connection, at.whose | {"minutes": at.lease_minutes})
    if found is None:
        return None
    values = {"b_round": at.round_id, "b_member": at.member_id, "b_post": found.post_id, "b_at": now()}
    return int(_resume.first(connection, values).position)


def _taken(connection: Connection, at: Place, counter: Any) -> int | None:
    wanted = at.whose | {"minutes": at.lease_minutes, "cursor": counter.cursor}
    found = take_after.first(connection, wanted) or take_up_to.first(connection, wanted)
    if found is None:
        return None
    position = int(counter.n_assigned) + 1
    row = at.whose | {"post_id": found.post_id, "position": position, "state": QUEUED, "is_extra": False}
    _assign.run(connection, row)
    cursor = found.rank if at.seed is None else start(at.seed, at.member_id, position, at.n_posts)
    _hand.run(connection, {"b_id": at.counter_id, "b_assigned": position, "b_cursor": cursor})
    return position


def give_back_what_ran_out(connection: Connection, round_id: int) -> None:
    """Open the slots of leases that ran out, a few at most: whoever takes a post next looks for more."""
    for row in _run_out.all(connection, {"round_id": round_id}):
        _open_again.run(connection, {"b_id": row.slot_id})
        _take_back.run(connection, {"b_id": row.assignment_id, "b_at": now()})


def renew(connection: Connection, at: Place, post_id: int) -> None:
    """Let a lease of which less than half is left begin again."""
    minutes = {"minutes": at.lease_minutes, "half": at.lease_minutes // 2}
    _renew.run(connection, at.whose | minutes | {"post_id": post_id})


def finish(connection: Connection, at: Place, post_id: int) -> bool:
    """Count a coding of the post; False where it is an extra, since no slot of the post is left."""
    of_post = at.whose | {"post_id": post_id}
    return bool(_finish.run(connection, of_post) or _claim.run(connection, of_post))


def give_back(connection: Connection, at: Place, post_id: int) -> None:
    """Open the annotator's slot of a post for others, if they have one."""
    _give_back.run(connection, at.whose | {"post_id": post_id})


def release(connection: Connection, round_id: int, member_id: int) -> None:
    """Open all that is leased to an annotator for others."""
    _release.run(connection, {"round_id": round_id, "member_id": member_id})


def prospect(connection: Connection, at: Place) -> Prospect:
    """What the queue has for the annotator now. Takes nothing."""
    left = _left.first(connection, at.whose)
    if left and left.state == QUEUED:
        return Prospect(Ahead.POST)
    counter = _look.first(connection, {"counter_id": at.counter_id})
    if _may_take_none(at, counter):
        return Prospect(Ahead.CAPPED if _is_capped(at, counter) else Ahead.NOTHING)
    if _free.first(connection, at.whose):
        return Prospect(Ahead.POST)
    back_at = _back.first(connection, at.whose).back_at
    return Prospect(Ahead.WAITING, back_at) if back_at else Prospect(Ahead.NOTHING)

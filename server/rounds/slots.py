"""The statements of a shared queue, each of which touches a few rows by an index.

States stand in the statements themselves: with a value in their place neither database could know that its
index of the open slots will do. Where one post is meant, the slot is told by `member_id` and `lease_until`
instead, so that its post's few slots are looked through and not all that are open or leased.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)

from server.db.moments import in_minutes
from server.db.prepared import Prepared
from server.db.tables import sql_table
from server.rounds.models import Assignment, QueueSlot, Round, RoundAnnotator, RoundQueue

QUEUED, RETURNED = "queued", "returned"
MOST_GIVEN_BACK = 10
_slot_table = sql_table(QueueSlot)
_assignment_table = sql_table(Assignment)
_counter_table = sql_table(RoundAnnotator)
_round_table = sql_table(Round)
_queue_table = sql_table(RoundQueue)
_slot, _assignment, _counter = _slot_table.c, _assignment_table.c, _counter_table.c
_OPEN: ColumnElement[str] = literal_column("'open'")
_LEASED: ColumnElement[str] = literal_column("'leased'")
_DONE: ColumnElement[str] = literal_column("'done'")
_ONE: ColumnElement[int] = literal_column("1")


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
take_again = _leasing(
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
resume = Prepared(
    update(_assignment_table)
    .where(
        _assignment.round_id == bindparam("b_round"),
        _assignment.post_id == bindparam("b_post"),
        _assignment.member_id == bindparam("b_member"),
    )
    .values(state=QUEUED, changed_at=bindparam("b_at"))
    .returning(_assignment.position)
)
assign = Prepared(
    insert(_assignment_table).inline(), "round_id", "post_id", "member_id", "position", "state", "is_extra"
)
hand = Prepared(
    update(_counter_table)
    .where(_counter.id == bindparam("b_id"))
    .values(n_assigned=bindparam("b_assigned"), cursor=bindparam("b_cursor"))
)
_of_counter = select(_counter.n_assigned, _counter.n_submitted, _counter.cursor, _counter.is_withdrawn).where(
    _counter.id == bindparam("counter_id")
)
look = Prepared(_of_counter)
# Held until the transaction ends: whoever sends two forms at once takes one post after the other.
hold = Prepared(_of_counter.with_for_update())
left = Prepared(
    select(_assignment.state, _assignment.position, _assignment.post_id)
    .where(
        _assignment.round_id == bindparam("round_id"),
        _assignment.member_id == bindparam("member_id"),
        or_(_assignment.state == QUEUED, _assignment.state == RETURNED),
    )
    .order_by(_assignment.state, _assignment.position)
)
run_out = Prepared(
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
        # A lease that ends later than any can is older than the clock that went back since.
        or_(_slot.lease_until < in_minutes(0), _slot.lease_until > in_minutes(bindparam("twice"))),
    )
    .order_by(_slot.lease_until)
    .limit(literal_column(str(MOST_GIVEN_BACK)))
    .with_for_update(skip_locked=True)
)
_given_back = {"state": _OPEN, "member_id": null(), "lease_until": null()}
open_again = Prepared(update(_slot_table).where(_slot.id == bindparam("b_id")).values(_given_back))
take_back = Prepared(
    update(_assignment_table)
    .where(_assignment.id == bindparam("b_id"))
    .values(state=RETURNED, changed_at=bindparam("b_at"))
)
renew = Prepared(
    update(_slot_table)
    .where(
        _my_lease,
        or_(
            _slot.lease_until < in_minutes(bindparam("half")),
            _slot.lease_until > in_minutes(bindparam("minutes")),
        ),
    )
    .values(lease_until=in_minutes(bindparam("minutes")))
)
give_back = Prepared(update(_slot_table).where(_my_lease).values(_given_back))
release = Prepared(
    update(_slot_table)
    .where(
        _slot.round_id == bindparam("round_id"),
        _slot.member_id == bindparam("member_id"),
        _slot.state == _LEASED,
    )
    .values(_given_back)
)
finish = Prepared(update(_slot_table).where(_my_lease).values(state=_DONE, lease_until=null()))
claim = Prepared(
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
_cap = _queue_table.c.cap
# The smaller of what one annotator may have and what any may; neither need be set.
_most = case((_counter.quota < _cap, _counter.quota), else_=func.coalesce(_cap, _counter.quota))
_of_place = (
    select(
        _round_table.c.id,
        _counter.id.label("counter_id"),
        _round_table.c.n_posts,
        _queue_table.c.lease_minutes,
        _most.label("cap"),
        _queue_table.c.seed,
    )
    .join_from(_round_table, _queue_table, _queue_table.c.round_id == _round_table.c.id)
    .join(_counter_table, _counter.round_id == _round_table.c.id)
    .where(
        _round_table.c.project_id == bindparam("project_id"),
        _round_table.c.number == bindparam("round_number"),
        _round_table.c.locked_at.is_(None),
        _counter.member_id == bindparam("member_id"),
        ~_counter.is_waiting,
    )
)
see_place = Prepared(_of_place)
# The round is held against being locked meanwhile.
hold_place = Prepared(_of_place.with_for_update(read=True, of=_round_table))
_not_returned = _assignment.state != RETURNED
free = Prepared(
    select(_wanted.id)
    .where(_is_open, _own(_wanted, _not_returned).is_(None))
    .order_by(_wanted.rank)
    .limit(_ONE)
)
back = Prepared(
    select(func.min(_slot.lease_until).label("back_at")).where(
        _slot.round_id == bindparam("round_id"),
        _slot.state == _LEASED,
        _own(_slot, _not_returned).is_(None),
    )
)

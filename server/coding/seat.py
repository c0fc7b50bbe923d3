"""One assignment as a submission of it finds it: locked, with what is needed to store it and to go on."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from server.care.queries import own_care_table
from server.coding.tables import (
    assignment_table,
    counter_table,
    draft_table,
    of_round,
    own_assignment,
    own_place,
    post_table,
    queue_table,
    round_table,
)
from server.db.prepared import Prepared
from server.errors import NotFound
from server.projects.access import Access
from server.rounds.queue import Place
from server.rounds.slots import QUEUED

_assignment, _counter, _round, _post = assignment_table.c, counter_table.c, round_table.c, post_table.c
_draft, _queue = draft_table.c, queue_table.c


@dataclass(frozen=True)
class Seat:
    """The assignment that a submission is about, locked until the transaction ends.

    `queue` is the annotator's place at the round's shared queue. In a round with a plan, `following` is
    where their own queue begins without this assignment; None where nothing else is left.
    """

    assignment_id: int
    state: str
    skip_reason: str | None
    coding_id: int | None
    round_id: int
    is_locked: bool
    shows_gold: bool
    is_waiting: bool
    version_id: int
    counter_id: int
    post_id: int
    post_number: int
    is_taken_down: bool
    has_draft: bool
    avoids_topics: bool
    following: int | None
    queue: Place | None


_other = assignment_table.alias("other")
_following = (
    select(_other.c.position)
    .where(
        _other.c.round_id == _round.id,
        _other.c.member_id == bindparam("member_id"),
        _other.c.state == QUEUED,
        _other.c.position != bindparam("position"),
    )
    .order_by(_other.c.position)
    .limit(1)
    .scalar_subquery()
)
# The assignment is locked against a second submission of it, the round against being locked meanwhile.
# SQLite has one writer and needs neither.
_seat = Prepared(
    select(
        _assignment.id,
        _assignment.state,
        _assignment.skip_reason,
        _assignment.coding_id,
        _round.id.label("round_id"),
        _round.locked_at,
        _round.shows_gold,
        _counter.is_waiting,
        _round.codebook_version_id,
        _counter.id.label("counter_id"),
        _assignment.post_id,
        _post.number,
        _post.takedown_id,
        _draft.assignment_id.label("draft_of"),
        own_care_table.c.avoids_topics,
        _following.label("following"),
        _round.n_posts,
        _queue.lease_minutes,
        _queue.cap,
        _queue.seed,
    )
    .select_from(own_assignment)
    .where(of_round)
    .with_for_update(read=True, of=round_table)
    .suffix_with(text("FOR UPDATE OF assignment"), dialect="postgresql")
)
_takedown = Prepared(select(_post.takedown_id).where(_post.id == bindparam("post_id")))
_length = Prepared(
    select(func.length(_post.text).label("n"))
    .select_from(assignment_table.join(post_table, _post.id == _assignment.post_id))
    .where(_assignment.id == bindparam("assignment_id"))
)
_next = Prepared(
    select(_assignment.position)
    .where(
        _assignment.round_id == bindparam("round_id"),
        _assignment.member_id == bindparam("member_id"),
        _assignment.state == QUEUED,
    )
    .order_by(_assignment.position)
    .limit(1)
)


def seat(connection: Connection, access: Access, round_number: int, position: int) -> Seat:
    """The annotator's own assignment at `position`, locked; `NotFound` where they have none."""
    found = _seat.first(connection, own_place(access, round_number, position))
    if found is None:
        raise NotFound
    return Seat(
        found.id,
        found.state,
        found.skip_reason,
        found.coding_id,
        found.round_id,
        found.locked_at is not None,
        bool(found.shows_gold),
        bool(found.is_waiting),
        found.codebook_version_id,
        found.counter_id,
        found.post_id,
        found.number,
        _is_taken_down(connection, found),
        found.draft_of is not None,
        bool(found.avoids_topics),
        found.following,
        _place_at(found, access),
    )


def _is_taken_down(connection: Connection, found: Any) -> bool:
    """Whether the post is down by now: a takedown that kept the codings may have been waited for.

    Otherwise the assignment itself is another since then.
    """
    if found.takedown_id is not None or found.state == QUEUED:
        return found.takedown_id is not None
    return _takedown.first(connection, {"post_id": found.post_id}).takedown_id is not None


def _place_at(found: Any, access: Access) -> Place | None:
    if found.lease_minutes is None:
        return None
    rules = (found.n_posts, found.lease_minutes, found.cap, found.seed)
    return Place(found.round_id, access.member_id, found.counter_id, *rules)


def text_length(connection: Connection, seat: Seat) -> int:
    """How many code points the post has: both databases count these."""
    return int(_length.first(connection, {"assignment_id": seat.assignment_id}).n)


def next_position(connection: Connection, round_id: int, member_id: int) -> int | None:
    """Where the annotator's queue begins; None at its end."""
    found = _next.first(connection, {"round_id": round_id, "member_id": member_id})
    return None if found is None else int(found.position)

"""A shared queue: whoever is free takes the next post, has it for a while, and submits it or loses it.

Each statement touches a few rows by an index, however many posts and annotators there are. What makes it
right on both databases:

- a lease is a slot in the state `leased` and its annotator's assignment in the state `queued`, always both;
- who takes a post holds their own counter first, so that one person takes one post at a time;
- on PostgreSQL nobody waits for another's slot: what is locked at this moment is passed over. Where nothing
  else is left, the annotator is told to wait, and not that all is done;
- times are the database's (`server.db.moments`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from server.clock import now
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.projects.access import Access
from server.rounds import slots
from server.rounds.ranks import start
from server.rounds.slots import QUEUED


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


def place_in(db: Session, access: Access, round_number: int) -> Place | None:
    """The member's place at the shared queue of an open round; None where it has none for them."""
    return _place_found(slots.see_place, db, access, round_number)


def held_place_in(db: Session, access: Access, round_number: int) -> Place | None:
    """The same, and the round stays open until the transaction ends."""
    return _place_found(slots.hold_place, db, access, round_number)


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
    counter = slots.hold.first(connection, {"counter_id": at.counter_id})
    left = slots.left.all(connection, at.whose)
    if left and left[0].state == QUEUED:
        renew(connection, at, left[0].post_id)
        return int(left[0].position)
    if _may_take_none(at, counter):
        return None
    _give_back_what_ran_out(connection, at)
    position = _taken_again(connection, at) if left else None
    return position or _taken(connection, at, counter)


def held_position(connection: Connection, at: Place) -> int | None:
    """The position of the post that the annotator has now."""
    left = slots.left.first(connection, at.whose)
    return int(left.position) if left and left.state == QUEUED else None


def _may_take_none(at: Place, counter: Any) -> bool:
    return bool(counter.is_withdrawn) or _is_capped(at, counter)


def _is_capped(at: Place, counter: Any) -> bool:
    return at.cap is not None and counter.n_submitted >= at.cap


def _taken_again(connection: Connection, at: Place) -> int | None:
    found = slots.take_again.first(connection, at.whose | {"minutes": at.lease_minutes})
    if found is None:
        return None
    values = {"b_round": at.round_id, "b_member": at.member_id, "b_post": found.post_id, "b_at": now()}
    return int(slots.resume.first(connection, values).position)


def _taken(connection: Connection, at: Place, counter: Any) -> int | None:
    wanted = at.whose | {"minutes": at.lease_minutes, "cursor": counter.cursor}
    found = slots.take_after.first(connection, wanted) or slots.take_up_to.first(connection, wanted)
    if found is None:
        return None
    position = int(counter.n_assigned) + 1
    row = at.whose | {"post_id": found.post_id, "position": position, "state": QUEUED, "is_extra": False}
    slots.assign.send(connection, row)
    cursor = found.rank if at.seed is None else start(at.seed, at.member_id, position, at.n_posts)
    slots.hand.send(connection, {"b_id": at.counter_id, "b_assigned": position, "b_cursor": cursor})
    return position


def _give_back_what_ran_out(connection: Connection, at: Place) -> None:
    """Open the slots of leases that ran out, a few at most: whoever takes a post next looks for more."""
    for row in slots.run_out.all(connection, {"round_id": at.round_id, "twice": 2 * at.lease_minutes}):
        slots.open_again.run(connection, {"b_id": row.slot_id})
        slots.take_back.run(connection, {"b_id": row.assignment_id, "b_at": now()})


def renew(connection: Connection, at: Place, post_id: int) -> None:
    """Let a lease begin again of which less than half is left, or more than all since the clock went back."""
    minutes = {"minutes": at.lease_minutes, "half": at.lease_minutes // 2}
    slots.renew.run(connection, at.whose | minutes | {"post_id": post_id})


def finish(connection: Connection, at: Place, post_id: int) -> bool:
    """Count a coding of the post; False where it is an extra, since no slot of the post is left."""
    of_post = at.whose | {"post_id": post_id}
    return bool(slots.finish.run(connection, of_post) or slots.claim.run(connection, of_post))


def give_back(connection: Connection, at: Place, post_id: int) -> None:
    """Open the annotator's slot of a post for others, if they have one."""
    slots.give_back.send(connection, at.whose | {"post_id": post_id})


def release(connection: Connection, round_id: int, member_id: int) -> None:
    """Open all that is leased to an annotator for others."""
    slots.release.run(connection, {"round_id": round_id, "member_id": member_id})


def prospect(connection: Connection, at: Place) -> Prospect:
    """What the queue has for the annotator now. Takes nothing."""
    left = slots.left.first(connection, at.whose)
    if left and left.state == QUEUED:
        return Prospect(Ahead.POST)
    counter = slots.look.first(connection, {"counter_id": at.counter_id})
    if _may_take_none(at, counter):
        return Prospect(Ahead.CAPPED if _is_capped(at, counter) else Ahead.NOTHING)
    if slots.free.first(connection, at.whose):
        return Prospect(Ahead.POST)
    back_at = slots.back.first(connection, at.whose).back_at
    return Prospect(Ahead.WAITING, back_at) if back_at else Prospect(Ahead.NOTHING)

"""Passing over posts on topics that their annotator has opted out of, when their turn comes.

Such a post is skipped with that as its reason; in a shared queue its slot goes back to the others. The
search for the next post knows nothing of topics, so that it stays as short as it is: see decision 25.
"""

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from server.care.queries import care_table, own_care, refused_values, topics
from server.care.topics import values_of
from server.clock import now
from server.coding.seat import Seat, next_position, seat
from server.coding.tables import SKIPPED, assignment_table, counter_table, post_table
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.history.actions import record
from server.projects.access import Access
from server.rounds import queue
from server.rounds.skipping import TOPIC
from server.rounds.slots import QUEUED

# So long a row is rare; who meets a longer one is asked to go on by hand.
MOST_AT_ONCE = 200
_assignment, _post = assignment_table.c, post_table.c

_ahead = Prepared(
    select(_assignment.id, _assignment.post_id, _post.extra, care_table.c.topic_field)
    .select_from(
        assignment_table.join(post_table, _post.id == _assignment.post_id).join(
            care_table, care_table.c.project_id == _post.project_id
        )
    )
    .where(
        _assignment.round_id == bindparam("round_id"),
        _assignment.member_id == bindparam("member_id"),
        _assignment.position == bindparam("position"),
    )
)
_pass = Prepared(
    update(assignment_table)
    .where(_assignment.id == bindparam("b_id"), _assignment.state == QUEUED)
    .values(state=SKIPPED, skip_reason=TOPIC, changed_at=bindparam("b_at"))
)
_count = Prepared(
    update(counter_table)
    .where(counter_table.c.id == bindparam("b_id"))
    .values(n_skipped=counter_table.c.n_skipped + bindparam("b_skipped"))
)


def step_to(db: Session, access: Access, round_number: int, position: int) -> int | None:
    """The same position, or the next whose post the annotator has not opted out of; None at the end."""
    if not own_care(db, access).avoids_topics:
        return position  # Held here, the post and the annotator's place would be held the other way round.
    here = seat(connection_of(db), access, round_number, position)
    return position if here.is_locked else first_shown(db, access, round_number, here, position)


def first_shown(
    db: Session, access: Access, round_number: int, here: Seat, position: int | None
) -> int | None:
    """The position from `position` on whose post the annotator wants to see; None where none is there now."""
    if not here.avoids_topics or position is None:
        return position
    connection = connection_of(db)
    refused = refused_values(topics(connection, access.project_id, access.member_id))
    n_passed = 0
    while position is not None:
        ahead = _ahead.first(connection, _at(here, access, position))
        if ahead is None or refused.isdisjoint(values_of(ahead.extra, ahead.topic_field)):
            break
        if n_passed == MOST_AT_ONCE:
            position = None
            break
        n_passed += _pass.run(connection, {"b_id": ahead.id, "b_at": now()})
        position = _after(db, access, here, ahead.post_id)
    if n_passed:
        _count.send(connection, {"b_id": here.counter_id, "b_skipped": n_passed})
        _record(db, access, round_number, n_passed)
    return position


def _at(here: Seat, access: Access, position: int) -> dict[str, Any]:
    return {"round_id": here.round_id, "member_id": access.member_id, "position": position}


def _after(db: Session, access: Access, here: Seat, post_id: int) -> int | None:
    """Where the annotator's queue goes on; a shared one gets the post back and gives another."""
    connection = connection_of(db)
    if here.queue is None:
        return next_position(connection, here.round_id, access.member_id)
    queue.give_back(connection, here.queue, post_id)
    return queue.take(connection, here.queue)


def _record(db: Session, access: Access, round_number: int, n_posts: int) -> None:
    """Which posts these were is not told: it would say what the annotator does not want to see."""
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="coding.pass_over",
        subject=f"round {round_number}",
        details={"n_posts": n_posts},
    )

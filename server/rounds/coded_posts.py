"""How many posts of a round have how many codings: counted once, then brought up to date.

Counting looks at every coding of the round. While people code, it is enough to look at the posts that were
touched since. What was brought up to date has to come to as many codings as the counters of the annotators
say; where it does not, all is counted anew.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.rounds.doubts import coding_table
from server.rounds.models import Assignment, RoundAnnotator

# Clocks of several servers differ, and what was written first may be seen later.
_MARGIN = timedelta(minutes=5)
# Beyond so many codings that were submitted since, counting all is hardly longer.
_MOST = 20_000


@dataclass(frozen=True)
class _State:
    """Up to where codings are known.

    `n_codings` were submitted in the round, the last of them at `changed_at`; the newest coding of all rounds
    has the id `newest`.
    """

    n_codings: int
    changed_at: datetime | None
    newest: int


def posts_by_n_codings(db: Session, round_id: int) -> Counter[int]:
    """How many posts of a round have how many codings; posts without any are left out."""
    memory, place = db.info["memory"], ("posts by codings", round_id)
    kept: tuple[_State, Counter[int]] | None = memory.get(place)
    state = _state(db, round_id)
    # The newest coding of all may be of another round.
    if kept and (kept[0].n_codings, kept[0].changed_at) == (state.n_codings, state.changed_at):
        return kept[1]
    found = _brought_up_to_date(db, round_id, *kept, state) if kept else None
    if found is None:
        found = _counted(db, round_id)
    memory[place] = (state, found)
    return found


def _state(db: Session, round_id: int) -> _State:
    submitted = select(func.sum(col(RoundAnnotator.n_submitted))).where(
        col(RoundAnnotator.round_id) == round_id
    )
    last = select(func.max(col(Assignment.changed_at))).where(*_submitted_in(round_id))
    return _State(
        db.scalar(submitted) or 0, db.scalar(last), db.scalar(select(func.max(coding_table.c.id))) or 0
    )


def _submitted_in(round_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(Assignment.round_id) == round_id, col(Assignment.state) == "submitted"


def _counted(db: Session, round_id: int) -> Counter[int]:
    by_post = (
        select(func.count().label("n_codings"))
        .where(*_submitted_in(round_id))
        .group_by(col(Assignment.post_id))
        .subquery()
    )
    counted = select(by_post.c.n_codings, func.count()).group_by(by_post.c.n_codings)
    return Counter(dict(iter(db.execute(counted))))


def _brought_up_to_date(
    db: Session, round_id: int, before: _State, posts: Counter[int], now: _State
) -> Counter[int] | None:
    """The posts as they are now; None where that takes counting all of them."""
    if before.changed_at is None:
        return None
    since = before.changed_at - _MARGIN
    if _are_many(db, round_id, since) or _has_taken_back(db, round_id, since):
        return None
    found = posts.copy()
    for n_before, n_now, n_posts in db.execute(_touched(round_id, since, before.newest)):
        found[n_before] -= n_posts
        found[n_now] += n_posts
    del found[0]
    is_right = min(found.values(), default=0) >= 0 and _n_codings(found) == now.n_codings
    return +found if is_right else None


def _are_many(db: Session, round_id: int, since: datetime) -> bool:
    """Whether a great part of the round was submitted since, as by an import, which is of one moment."""
    lately = select(col(Assignment.id)).where(*_submitted_in(round_id), col(Assignment.changed_at) > since)
    return db.scalar(lately.offset(_MOST).limit(1)) is not None


def _has_taken_back(db: Session, round_id: int, since: datetime) -> bool:
    """Whether codings may have ceased to count: sent back, withdrawn, removed with their post."""
    taken_back = (
        select(col(Assignment.id))
        .where(
            col(Assignment.round_id) == round_id,
            col(Assignment.state).in_(("queued", "skipped", "withdrawn", "returned")),
            col(Assignment.changed_at) > since,
            or_(col(Assignment.coding_id).is_not(None), col(Assignment.state) == "withdrawn"),
        )
        .limit(1)
    )
    return db.scalar(taken_back) is not None


def _touched(round_id: int, since: datetime, newest: int) -> Select[tuple[int, int, int]]:
    """Of the posts that were submitted since: how many had how many codings before, and have now.

    A coding was there before if the first one of its assignment is not newer than `newest`.
    """
    is_old = (
        select(coding_table.c.id)
        .where(
            coding_table.c.assignment_id == col(Assignment.id),
            coding_table.c.revision == 1,
            coding_table.c.id <= newest,
        )
        .exists()
    )
    lately = aliased(Assignment)
    posts = select(col(lately.post_id)).where(
        col(lately.round_id) == round_id, col(lately.state) == "submitted", col(lately.changed_at) > since
    )
    by_post = (
        select(func.sum(case((is_old, 1), else_=0)).label("n_before"), func.count().label("n_now"))
        .where(*_submitted_in(round_id), col(Assignment.post_id).in_(posts))
        .group_by(col(Assignment.post_id))
        .subquery()
    )
    return select(by_post.c.n_before, by_post.c.n_now, func.count()).group_by(
        by_post.c.n_before, by_post.c.n_now
    )


def _n_codings(posts: Counter[int]) -> int:
    return sum(n_codings * n_posts for n_codings, n_posts in posts.items())

"""How many posts of a round have how many codings: counted once, then brought up to date.

Counting looks at every coding of the round. While people code, it is enough to look at the posts that were
touched since, as the ids of codings and the history tell: no clock is asked, which may go back. What was
brought up to date has to come to as many codings as the counters of the annotators say; where it does not,
all is counted anew.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.history.models import HistoryEvent, HistoryHead
from server.rounds.doubts import coding_table
from server.rounds.models import Assignment, Round, RoundAnnotator

# Beyond so many codings that came since, counting all is hardly longer.
_MOST = 20_000
# Events after which every coding counts that did before. Any other may have taken some back.
_TAKE_NOTHING_BACK = (
    "coding.submit",
    "coding.correct",
    "coding.skip",
    "coding.ask",
    "coding.answer",
    "coding.pass_over",
    "adjudication.decide",
    "norming.comment",
    "export",
)


@dataclass(frozen=True)
class _State:
    """Up to where codings are known.

    `n_codings` were submitted in the round; the newest coding of all rounds has the id `newest`, the newest
    event of the project the number `sequence`.
    """

    project_id: int
    n_codings: int
    newest: int
    sequence: int


def posts_by_n_codings(db: Session, round_id: int) -> Counter[int]:
    """How many posts of a round have how many codings; posts without any are left out."""
    memory, place = db.info["memory"], ("posts by codings", round_id)
    kept: tuple[_State, Counter[int]] | None = memory.get(place)
    state = _state(db, round_id)
    if kept and kept[0] == state:
        return kept[1]
    found = _brought_up_to_date(db, round_id, *kept, state) if kept else None
    if found is None:
        found = _counted(db, round_id)
    memory[place] = (state, found)
    return found


def _state(db: Session, round_id: int) -> _State:
    of_round = col(RoundAnnotator.round_id) == round_id
    project_id = db.scalar(select(col(Round.project_id)).where(col(Round.id) == round_id)) or 0
    return _State(
        project_id,
        db.scalar(select(func.sum(col(RoundAnnotator.n_submitted))).where(of_round)) or 0,
        db.scalar(select(func.max(coding_table.c.id))) or 0,
        db.scalar(select(col(HistoryHead.sequence)).where(col(HistoryHead.chain) == project_id)) or 0,
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
    if now.newest - before.newest > _MOST or _has_taken_back(db, before):
        return None
    found = posts.copy()
    for n_before, n_now, n_posts in db.execute(_touched(round_id, before.newest)):
        found[n_before] -= n_posts
        found[n_now] += n_posts
    del found[0]
    is_right = min(found.values(), default=0) >= 0 and _n_codings(found) == now.n_codings
    return +found if is_right else None


def _has_taken_back(db: Session, before: _State) -> bool:
    """Whether codings may have ceased to count: sent back, withdrawn, removed with their post."""
    since = (col(HistoryEvent.chain) == before.project_id, col(HistoryEvent.sequence) > before.sequence)
    others = select(col(HistoryEvent.id)).where(*since, col(HistoryEvent.action).not_in(_TAKE_NOTHING_BACK))
    return db.scalar(others.limit(1)) is not None


def _touched(round_id: int, newest: int) -> Select[tuple[int, int, int]]:
    """Of the posts that were coded since: how many had how many codings before, and have now.

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
    posts = (
        select(col(lately.post_id))
        .join(coding_table, coding_table.c.assignment_id == col(lately.id))
        .where(coding_table.c.id > newest, col(lately.round_id) == round_id)
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

"""A round while it is coded, for its lead: pace, posts that lag behind, doubts.

Everything is read from an index of the assignments, and no answer is looked at. Pace and counts say nothing
of what anybody answered; which posts somebody doubts does, and is empty while the round is hidden.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, column, func, select, table
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.corpora.models import Post
from server.projects.access import Access
from server.rounds.doubts import coding_table, is_unsure_in
from server.rounds.models import Assignment
from server.rounds.queries import in_none_of, swaying, visible_rounds

DAYS = 7
PAGE = 25
_START = 90
_question = table(
    "post_question", column("round_id", Integer), column("post_id", Integer), column("answered_at")
)


@dataclass(frozen=True)
class Pace:
    """How many posts were coded on each of the last days, the oldest first, today the last.

    `ends_on` is the day on which the codings that are left are done if it goes on so; None where nobody
    codes, or nothing is left.
    """

    days: tuple[tuple[date, int], ...]
    n_left: int
    ends_on: date | None

    @property
    def a_day(self) -> float:
        """Codings a day, over all these days."""
        return sum(n for _day, n in self.days) / len(self.days)


@dataclass(frozen=True)
class Lagging:
    """A post that still waits for codings: how many it has, and how many it waits for."""

    number: int
    start: str
    is_cut: bool
    n_done: int
    n_waiting: int


@dataclass(frozen=True)
class Doubted:
    """A post that somebody was unsure about, and how many were."""

    number: int
    start: str
    is_cut: bool
    n_unsure: int


def pace(db: Session, round_id: int, n_left: int, now: datetime) -> Pace:
    """The pace of the last days, and where it leads."""
    today = now.date()
    begins = [today - timedelta(days=DAYS - 1 - each) for each in range(DAYS)]
    of_each = [_on(day) for day in begins]
    row = db.execute(
        select(*of_each).where(
            col(Assignment.round_id) == round_id,
            col(Assignment.state) == "submitted",
            col(Assignment.changed_at) >= _midnight(begins[0]),
        )
    ).one()
    days = tuple(zip(begins, (int(n or 0) for n in row), strict=True))
    n_done = sum(n for _day, n in days)
    ends_on = today + timedelta(days=min(ceil(n_left * DAYS / n_done), 36_500)) if n_done and n_left else None
    return Pace(days, n_left, ends_on)


def lagging(db: Session, access: Access, round_id: int, page: int) -> tuple[Lagging, ...]:
    """One page of the posts of a plan that wait for codings, first those that wait for most.

    There is one more than a page has where another one follows.
    """
    n_waiting = func.count().label("n_waiting")
    behind = (
        select(col(Assignment.post_id), n_waiting)
        .where(col(Assignment.round_id) == round_id, col(Assignment.state) == "queued")
        .group_by(col(Assignment.post_id))
        .order_by(n_waiting.desc(), col(Assignment.post_id))
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
        .subquery()
    )
    coded = aliased(Assignment)
    n_done = (
        select(func.count())
        .where(
            col(coded.post_id) == behind.c.post_id,
            col(coded.round_id) == round_id,
            col(coded.state) == "submitted",
        )
        .scalar_subquery()
    )
    rows = db.execute(
        select(col(Post.number), _start(), n_done, behind.c.n_waiting)
        .join(behind, behind.c.post_id == col(Post.id))
        .where(col(Post.project_id) == access.project_id)
        .order_by(behind.c.n_waiting.desc(), behind.c.post_id)
    )
    return tuple(Lagging(number, text[:_START], len(text) > _START, *n) for number, text, *n in rows)


def doubted(db: Session, access: Access, round_id: int) -> tuple[Doubted, ...]:
    """Posts of a round whose current codings are flagged unsure, most often flagged first; at most a page."""
    sights = visible_rounds(db, access)
    if any(sight.round_id == round_id and sight.why_no_codings for sight in sights):
        return ()
    flagged = db.scalars(
        select(col(Assignment.post_id))
        .join(coding_table, coding_table.c.id == col(Assignment.coding_id))
        .where(*is_unsure_in(round_id), in_none_of(swaying(sights), col(Assignment.post_id)))
    )
    # They are few and counted here: to group them a database would begin with all posts.
    counts = Counter(flagged)
    most = sorted(counts, key=lambda post: (-counts[post], post))[:PAGE]
    rows = db.execute(select(col(Post.id), col(Post.number), _start()).where(col(Post.id).in_(most)))
    found = [
        Doubted(number, text[:_START], len(text) > _START, counts[post_id]) for post_id, number, text in rows
    ]
    return tuple(sorted(found, key=lambda each: (-each.n_unsure, each.number)))


def n_questions(db: Session, access: Access, round_id: int) -> int:
    """How many questions about posts of a round wait for an answer, of those this lead may see."""
    sights = visible_rounds(db, access)
    waiting = (
        select(func.count())
        .select_from(_question)
        .where(
            _question.c.round_id == round_id,
            _question.c.answered_at.is_(None),
            in_none_of(swaying(sights), _question.c.post_id),
        )
    )
    return db.scalar(waiting) or 0


def _start() -> Any:
    return func.substr(col(Post.text), 1, _START + 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _on(day: date) -> ColumnElement[int]:
    moment = col(Assignment.changed_at)
    is_then = (moment >= _midnight(day)) & (moment < _midnight(day + timedelta(days=1)))
    return func.sum(case((is_then, 1), else_=0))

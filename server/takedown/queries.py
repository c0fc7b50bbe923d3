"""Reading: what a takedown would touch, and the takedowns there were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.models import StandingDecision
from server.corpora.models import Post, Takedown, Upload
from server.gold.models import StandingGold
from server.projects.access import Access
from server.rounds.models import Assignment


@dataclass(frozen=True)
class Consequences:
    """What there is about some posts: codings, decisions, gold answers, and what annotators have to code.

    `n_files` files of the project wait to be imported; they are forgotten.
    """

    n_codings: int
    n_decisions: int
    n_gold: int
    n_waiting: int
    n_files: int


@dataclass(frozen=True)
class TakedownLine:
    """A takedown that was carried out; `posts` are the numbers of its posts.

    `is_wiped`: in the files of the database, too.
    """

    number: int
    posts: tuple[int, ...]
    keeps_codings: bool
    reason: str
    by: str | None
    at: datetime
    is_wiped: bool


def consequences(db: Session, access: Access, post_ids: Sequence[int]) -> Consequences:
    """What taking these posts down would touch."""
    of_posts = col(Assignment.post_id).in_(post_ids)
    return Consequences(
        _n(db, Assignment, of_posts, col(Assignment.state) == "submitted"),
        _n(db, StandingDecision, col(StandingDecision.post_id).in_(post_ids)),
        _n(db, StandingGold, col(StandingGold.post_id).in_(post_ids)),
        _n(db, Assignment, of_posts, col(Assignment.state) == "queued"),
        _n(db, Upload, col(Upload.project_id) == access.project_id),
    )


def _n(db: Session, table: type, *where: object) -> int:
    return db.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]


def takedowns(db: Session, access: Access) -> tuple[TakedownLine, ...]:
    """The takedowns of the project, the newest first."""
    rows = db.execute(
        select(Takedown, col(Account.display_name))
        .outerjoin(Account, col(Account.id) == col(Takedown.taken_down_by))
        .where(col(Takedown.project_id) == access.project_id)
        .order_by(col(Takedown.number).desc())
    ).all()
    numbers = _numbers(db, access)
    return tuple(
        TakedownLine(
            number=row.number,
            posts=tuple(numbers.get(row.id, ())),
            keeps_codings=row.keeps_codings,
            reason=row.reason,
            by=name,
            at=row.taken_down_at,
            is_wiped=row.wiped_at is not None,
        )
        for row, name in rows
    )


def _numbers(db: Session, access: Access) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    is_down = (col(Post.project_id) == access.project_id, col(Post.takedown_id).is_not(None))
    rows = db.execute(
        select(col(Post.takedown_id), col(Post.number)).where(*is_down).order_by(col(Post.number))
    )
    for takedown_id, number in rows:
        found.setdefault(takedown_id, []).append(number)
    return found

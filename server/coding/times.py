"""The minutes that annotators take for a post, where the project measures them and says so to everybody.

They are reckoned from the moments of submission alone: one post takes the time from the submission before to
its own, by the same annotator in the same round. What took longer than `PAUSE` is taken for a pause and left
out, and corrections are no submissions here. Nothing from before measuring was switched on is used.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.coding.models import Coding
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.models import Assignment

PAUSE = timedelta(minutes=30)


@dataclass(frozen=True)
class Times:
    """An annotator's median minutes for a post, of so many posts; None where there are none."""

    annotator: str
    minutes: float | None
    n_posts: int


def times(db: Session, access: Access, round_id: int, since: datetime) -> tuple[Times, ...]:
    """The times of a round's annotators, by their numbers."""
    moments: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    rows = db.execute(
        select(col(Member.number), col(Account.display_name), col(Coding.submitted_at))
        .select_from(Coding)
        .join(Assignment, col(Assignment.id) == col(Coding.assignment_id))
        .join(Member, col(Member.id) == col(Assignment.member_id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(
            col(Assignment.round_id) == round_id,
            col(Member.project_id) == access.project_id,
            col(Coding.revision) == 1,
            col(Coding.submitted_at) >= since,
        )
        .order_by(col(Member.number), col(Coding.submitted_at))
    )
    for number, name, submitted_at in rows:
        moments[number, name].append(submitted_at)
    return tuple(_times(name, of) for (_number, name), of in moments.items())


def _times(name: str, moments: list[datetime]) -> Times:
    taken = [after - before for before, after in pairwise(moments) if after - before <= PAUSE]
    minutes = median(each.total_seconds() / 60 for each in taken) if taken else None
    return Times(name, minutes, len(taken))

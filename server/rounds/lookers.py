"""Who codes in a round and can look into all of it while it is locked.

Such a round is not opened again: a coding that is corrected after a look at the others' is no longer made on
its own, and nothing in the numbers would show it.
"""

import json
from datetime import datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.history.models import HistoryEvent
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.blindness import REVIEWERS
from server.rounds.models import RoundAnnotator
from server.rounds.sharing import codes_here

_REVIEWING = frozenset(role.value for role in REVIEWERS)


def lookers(db: Session, access: Access, round_id: int, locked_at: datetime | None) -> tuple[str, ...]:
    """The names of those who code in the round and review, or have reviewed since it was locked."""
    is_reviewer = or_(
        col(Member.role).in_(_REVIEWING), col(Member.number).in_(former_reviewers(db, access, locked_at))
    )
    names = db.scalars(
        select(col(Account.display_name))
        .join(Member, col(Member.account_id) == col(Account.id))
        .join(RoundAnnotator, col(RoundAnnotator.member_id) == col(Member.id))
        .where(
            col(Member.project_id) == access.project_id,
            col(RoundAnnotator.round_id) == round_id,
            codes_here(),
            is_reviewer,
        )
        .order_by(col(Member.number))
    )
    return tuple(names)


def former_reviewers(db: Session, access: Access, since: datetime | None) -> list[int]:
    """The numbers of the members who were given another role since then, and reviewed until then."""
    if since is None:
        return []
    changes = db.execute(
        select(col(HistoryEvent.subject), col(HistoryEvent.details)).where(
            col(HistoryEvent.chain) == access.project_id,
            col(HistoryEvent.action) == "member.change_role",
            col(HistoryEvent.at) >= since,
        )
    )
    return [
        int(subject.removeprefix("member "))
        for subject, details in changes
        if json.loads(details)["role"]["before"] in _REVIEWING
    ]

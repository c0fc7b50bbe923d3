"""Consensus meetings: who is present is chosen once, and kept with each decision that is taken together."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.models import Meeting, MeetingDecision, MeetingMember
from server.adjudication.sharing import owed_by
from server.adjudication.writing import one_at_a_time
from server.clock import now
from server.errors import NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member


@dataclass(frozen=True)
class Held:
    """A meeting; `members` are the numbers of those who are present."""

    id: int
    number: int
    members: tuple[int, ...]


@dataclass(frozen=True)
class MeetingLine:
    """A meeting in the list."""

    number: int
    at: datetime
    present: tuple[str, ...]
    n_decisions: int


@dataclass(frozen=True)
class Presence:
    """In which meeting a decision was taken, and who was present."""

    meeting: int
    names: tuple[str, ...]


def begin(db: Session, access: Access, numbers: Collection[int]) -> int:
    """Begin a meeting of the members with these numbers; returns its own number.

    Raises:
        Refusal: Fewer than two are present, or somebody who is no active member.
    """
    one_at_a_time(db, access)
    found = db.execute(
        select(col(Member.id), col(Member.number)).where(
            col(Member.project_id) == access.project_id,
            col(Member.is_active),
            col(Member.number).in_(numbers),
        )
    ).all()
    if len(found) < max(2, len(set(numbers))):
        sentence = _("Choose the two or more members of the project who are present.")
        raise Refusal(_("The meeting has not begun yet."), {"present": sentence})
    of_project = col(Meeting.project_id) == access.project_id
    last = db.scalar(select(func.max(col(Meeting.number))).where(of_project)) or 0
    if last and _is_begun(db, access, last, {row.number for row in found}):
        return last
    meeting = Meeting(
        project_id=access.project_id, number=last + 1, begun_by=access.account_id, begun_at=now()
    )
    db.add(meeting)
    db.flush()
    db.add_all(MeetingMember(meeting_id=meeting.id or 0, member_id=row.id) for row in found)
    db.flush()
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="adjudication.begin_meeting",
        subject=f"meeting {meeting.number}",
        details={"present": sorted(row.number for row in found)},
    )
    return meeting.number


def _is_begun(db: Session, access: Access, number: int, present: set[int]) -> bool:
    """Whether the newest meeting is of the same people, and has decided nothing: a form sent twice."""
    newest = meeting_of(db, access, number)
    decided = exists().where(col(MeetingDecision.meeting_id) == newest.id)
    return set(newest.members) == present and not db.scalar(select(decided))


def meeting_of(db: Session, access: Access, number: int) -> Held:
    """The meeting with this number; `NotFound` where there is none."""
    of_project = col(Meeting.project_id) == access.project_id
    id_ = db.scalar(select(col(Meeting.id)).where(of_project, col(Meeting.number) == number))
    if id_ is None:
        raise NotFound
    present = (
        select(col(Member.number))
        .join(MeetingMember, col(MeetingMember.member_id) == col(Member.id))
        .where(col(MeetingMember.meeting_id) == id_)
    )
    return Held(id_, number, tuple(db.scalars(present.order_by(col(Member.number)))))


def keep_present(db: Session, decision_id: int, meeting: Held) -> None:
    """Keep with a decision that a meeting took it."""
    db.add(MeetingDecision(decision_id=decision_id, meeting_id=meeting.id))
    db.flush()


def owed_by_present(db: Session, access: Access, meeting: Held) -> frozenset[int]:
    """The posts that somebody present has still to decide alone, without seeing what was decided."""
    rows = db.execute(
        select(col(Member.id), col(Member.account_id))
        .join(MeetingMember, col(MeetingMember.member_id) == col(Member.id))
        .where(col(MeetingMember.meeting_id) == meeting.id)
    ).all()
    people = {(row.id, row.account_id) for row in rows} | {(access.member_id, access.account_id)}
    return frozenset[int]().union(*(owed_by(db, access.project_id, *each) for each in people))


def meetings(db: Session, access: Access) -> tuple[MeetingLine, ...]:
    """The meetings so far, newest first."""
    rows = db.scalars(
        select(Meeting)
        .where(col(Meeting.project_id) == access.project_id)
        .order_by(col(Meeting.number).desc())
    ).all()
    ids = [row.id or 0 for row in rows]
    names = _names(db, ids)
    counted = db.execute(
        select(col(MeetingDecision.meeting_id), func.count())
        .where(col(MeetingDecision.meeting_id).in_(ids))
        .group_by(col(MeetingDecision.meeting_id))
    )
    counts = {row[0]: row[1] for row in counted}
    return tuple(
        MeetingLine(row.number, row.begun_at, names.get(row.id or 0, ()), counts.get(row.id or 0, 0))
        for row in rows
    )


def present_at(db: Session, decision_ids: Collection[int]) -> dict[int, Presence]:
    """Who was present at those of the decisions that a meeting took."""
    rows = db.execute(
        select(col(MeetingDecision.decision_id), col(Meeting.id), col(Meeting.number))
        .join(Meeting, col(Meeting.id) == col(MeetingDecision.meeting_id))
        .where(col(MeetingDecision.decision_id).in_(decision_ids))
    ).all()
    names = _names(db, {row.id for row in rows})
    return {row.decision_id: Presence(row.number, names.get(row.id, ())) for row in rows}


def _names(db: Session, meeting_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    rows = db.execute(
        select(col(MeetingMember.meeting_id), col(Account.display_name))
        .join(Member, col(Member.id) == col(MeetingMember.member_id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(MeetingMember.meeting_id).in_(meeting_ids))
        .order_by(col(Member.number))
    )
    found: dict[int, tuple[str, ...]] = {}
    for meeting_id, name in rows:
        found[meeting_id] = (*found.get(meeting_id, ()), name)
    return found

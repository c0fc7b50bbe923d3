"""Changing what is settled about care, by the lead and by each annotator for themselves."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from server.care.models import MemberCare, ProjectCare, TopicOptOut, WarningTopic
from server.care.queries import care_of, topics
from server.care.topics import topic_value
from server.clock import now
from server.db.tables import sql_table
from server.errors import Conflict, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import hold_project
from server.projects.models import Member

MOST_TOPICS = 40
MAX_LABEL = 80
_refused_table = sql_table(TopicOptOut)


@dataclass(frozen=True)
class WantedTopic:
    """A topic as the lead wants it."""

    id: int
    label: str
    is_offered: bool


@dataclass(frozen=True)
class WantedCare:
    """What the lead wants to be settled. `added` are topics as posts name them."""

    warning: str
    topic_field: str | None
    hides: str
    pause_minutes: int
    shows_author: bool
    is_timed: bool
    topics: Sequence[WantedTopic] = ()
    added: Sequence[str] = ()


def settle(db: Session, access: Access, wanted: WantedCare) -> None:
    """Make this what is settled in the project; `Refusal` where a topic cannot be had so."""
    hold_project(db, access.project_id)
    before = _said(db, access)
    _settle_topics(db, access, wanted)
    row = db.get(ProjectCare, access.project_id) or ProjectCare(project_id=access.project_id)
    row.warning, row.topic_field, row.hides = wanted.warning, wanted.topic_field, wanted.hides
    row.pause_minutes, row.shows_author = wanted.pause_minutes, wanted.shows_author
    row.timed_since = (row.timed_since or now()) if wanted.is_timed else None
    row.notice_mark = notice_mark(row.warning, is_timed=wanted.is_timed)
    db.add(row)
    db.flush()
    after = _said(db, access)
    changed = {name: {"before": before[name], "after": said} for name, said in after.items()}
    changed = {name: said for name, said in changed.items() if said["before"] != said["after"]}
    if changed:
        _record(db, access, "project.edit_care", changed)


def notice_mark(warning: str, *, is_timed: bool) -> str:
    """What tells one notice before the first post from another; empty where there is nothing to read."""
    if not warning and not is_timed:
        return ""
    return sha256(f"{is_timed}\0{warning}".encode()).hexdigest()[:16]


def _said(db: Session, access: Access) -> dict[str, object]:
    """What is settled, as the history tells it: of a warning only its mark."""
    care = care_of(db, access.project_id)
    of_project = topics(db.connection(), access.project_id, access.member_id)
    return {
        "warning": sha256(care.warning.encode()).hexdigest()[:16] if care.warning else "",
        "topic_field": care.topic_field or "",
        "hides": care.hides or "none",
        "pause_minutes": care.pause_minutes,
        "shows_author": care.shows_author,
        "is_timed": care.timed_since is not None,
        "topics": [topic.label for topic in of_project if topic.is_offered],
    }


def _settle_topics(db: Session, access: Access, wanted: WantedCare) -> None:
    of_project = select(WarningTopic).where(col(WarningTopic.project_id) == access.project_id)
    stored = {row.id: row for row in db.scalars(of_project)}
    if set(stored) != {topic.id for topic in wanted.topics}:
        raise Refusal(_("The list was changed elsewhere in the meantime. Here it is as it stands now."))
    if wrong := {f"label-{topic.id}": fault for topic in wanted.topics if (fault := _fault(topic.label))}:
        raise Refusal(_("Nothing was saved yet."), wrong)
    for topic in wanted.topics:
        row = stored[topic.id]
        row.label = topic.label
        row.retired_at = None if topic.is_offered else (row.retired_at or now())
        db.add(row)
    known = {row.value for row in stored.values()}
    added = {value: said for said in wanted.added if (value := topic_value(said)) not in known}
    _refuse_too_many(len(known) + len(added), added.values())
    db.add_all(
        WarningTopic(project_id=access.project_id, value=value, label=said, position=position)
        for position, (value, said) in enumerate(added.items(), start=len(known))
    )
    db.flush()


def _fault(label: str) -> str:
    if not label:
        return _("Please fill this in.")
    if len(label) > MAX_LABEL:
        return _("This is too long: at most %(most)s characters.") % {"most": MAX_LABEL}
    return ""


def _refuse_too_many(n_topics: int, added: Collection[str]) -> None:
    if fault := next(filter(None, map(_fault, added)), ""):
        raise Refusal(_("Nothing was saved yet."), {"added": fault})
    if n_topics > MOST_TOPICS:
        message = _("A project has at most %(most)s topics.") % {"most": MOST_TOPICS}
        raise Refusal(message, {"added": message})


def accept(db: Session, access: Access, mark: str) -> None:
    """Remember that the member has read what is to be read; `Conflict` where it reads otherwise by now."""
    if mark != care_of(db, access.project_id).notice_mark:
        raise Conflict(_("What is to be read here has just changed. Please read it again."))
    row = _own_row(db, access)
    if row.accepted_mark != mark:
        row.accepted_mark = mark
        db.add(row)
        db.flush()
        _record(db, access, "care.accept")


def settle_own(
    db: Session,
    access: Access,
    *,
    refused: Collection[int],
    always_hides: bool,
    pause_minutes: int | None,
) -> None:
    """Make this what the member has settled for themselves. Of topics the history does not tell."""
    row = _own_row(db, access)
    before = (row.always_hides, row.pause_minutes, _refused(db, access))
    of_project = {topic.id for topic in topics(db.connection(), access.project_id, access.member_id)}
    wanted = of_project.intersection(refused)
    if before == (always_hides, pause_minutes, wanted):
        return
    db.execute(delete(TopicOptOut).where(col(TopicOptOut.member_id) == access.member_id))
    if wanted:
        rows = [{"member_id": access.member_id, "topic_id": topic_id} for topic_id in sorted(wanted)]
        db.execute(insert(_refused_table), rows)
    row.always_hides, row.pause_minutes, row.avoids_topics = always_hides, pause_minutes, bool(wanted)
    db.add(row)
    db.flush()
    _record(db, access, "care.settle_own")


def _own_row(db: Session, access: Access) -> MemberCare:
    """The member's row, which nobody else changes or makes meanwhile."""
    of_member = select(col(Member.id)).where(col(Member.id) == access.member_id)
    db.execute(of_member.with_for_update(key_share=True))
    held = select(MemberCare).where(col(MemberCare.member_id) == access.member_id)
    return db.scalars(held).first() or MemberCare(member_id=access.member_id)


def _refused(db: Session, access: Access) -> set[int]:
    of_member = select(col(TopicOptOut.topic_id)).where(col(TopicOptOut.member_id) == access.member_id)
    return set(db.scalars(of_member))


def _record(db: Session, access: Access, action: str, details: Mapping[str, object] | None = None) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=action,
        subject="project",
        details=details,
    )

"""A new project that begins with the codebook and the settings of another one, and with nothing else."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session, col

from server.adjudication.models import DeskSettings
from server.care.models import ProjectCare, WarningTopic
from server.clock import now
from server.codebooks import actions as codebook_actions
from server.codebooks.queries import being_written, draft, latest_published, sheet_of
from server.errors import Refusal
from server.history.actions import record
from server.history.queries import actions_done
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import create_project
from server.rounds.models import SkipReason


class Book(StrEnum):
    """Which state of the codebook is copied."""

    PUBLISHED = "published"
    DRAFT = "draft"


@dataclass(frozen=True)
class WantedCopy:
    """What the new project is to be. The same `form_token` makes one project."""

    title: str
    description: str
    book: Book
    form_token: str


def books(db: Session, access: Access) -> tuple[Book, ...]:
    """The states of the codebook that can be copied, the one to propose first; none where none is begun."""
    found = {Book.PUBLISHED: latest_published, Book.DRAFT: draft}
    return tuple(book for book, state in found.items() if state(db, access.project_id) is not None)


def copy_project(db: Session, access: Access, wanted: WantedCopy) -> Access:
    """Make the new project, led by the one who copies. Posts, members, rounds and codings stay behind."""
    offered = books(db, access)
    if offered and wanted.book not in offered:
        message = _("There is no such state of the codebook any more.")
        raise Refusal(message, {"book": message})
    new = create_project(
        db, access.account_id, wanted.title, wanted.description, form_token=wanted.form_token
    )
    if "project.begin_as_copy" in actions_done(db, new.project_id):
        return new  # The form was sent twice.
    _record(db, new, "project.begin_as_copy", {"project": access.project_title})
    _copy_codebook(db, access, new, wanted.book)
    _copy_care(db, access.project_id, new.project_id)
    _copy_skip_reasons(db, access.project_id, new.project_id)
    _copy_desk(db, access, new)
    # Not the title of the new one: who leads this project need not know of it.
    _record(db, access, "project.copy", {"codebook": wanted.book.value} if offered else {})
    return new


def _copy_codebook(db: Session, access: Access, new: Access, book: Book) -> None:
    newest = latest_published(db, access.project_id) if book is Book.PUBLISHED else None
    sheet = sheet_of(newest or being_written(db, access.project_id))
    if sheet.variables:
        codebook_actions.begin_as_copy(db, new, sheet)


def _copy_care(db: Session, project_id: int, new_id: int) -> None:
    care = db.get(ProjectCare, project_id)
    if care is not None:
        values = care.model_dump(exclude={"project_id", "timed_since"})
        timed_since = now() if care.timed_since else None
        db.add(ProjectCare(project_id=new_id, timed_since=timed_since, **values))
    for topic in db.scalars(select(WarningTopic).where(col(WarningTopic.project_id) == project_id)).all():
        db.add(WarningTopic(project_id=new_id, **topic.model_dump(exclude={"id", "project_id"})))


def _copy_skip_reasons(db: Session, project_id: int, new_id: int) -> None:
    for reason in db.scalars(select(SkipReason).where(col(SkipReason.project_id) == project_id)).all():
        db.add(SkipReason(project_id=new_id, **reason.model_dump(exclude={"id", "project_id"})))
    db.flush()


def _copy_desk(db: Session, access: Access, new: Access) -> None:
    """How disagreements are decided. Of the adjudicators only who copies is here already."""
    desk = db.get(DeskSettings, access.project_id)
    if desk is not None:
        values = desk.model_dump(exclude={"project_id", "adjudicators"})
        here = [new.member_id] if access.member_id in desk.adjudicators else []
        db.add(DeskSettings(project_id=new.project_id, adjudicators=here, **values))
        db.flush()


def _record(db: Session, access: Access, action: str, details: dict[str, str]) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=action,
        subject="project",
        details=details,
    )

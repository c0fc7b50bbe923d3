"""Reading projects, members and invitations."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.accounts.queries import has_a_way_in, hash_token
from server.clock import now
from server.errors import NotFound, UsedUp
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Invitation, Member, Project
from server.projects.roles import Role

HANDLE_LENGTH = 16


@dataclass(frozen=True)
class OwnProject:
    """A project one is in, and as what."""

    id: int
    key: str
    title: str
    role: Role
    is_synthetic: bool
    is_archived: bool


@dataclass(frozen=True)
class ProjectInfo:
    """What a project says about itself."""

    title: str
    description: str
    created_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True)
class MemberRow:
    """A member as the list of members shows it."""

    id: int
    number: int
    account_id: int
    display_name: str
    role: Role
    coder_group: str | None
    is_active: bool
    can_sign_in: bool
    joined_at: datetime


@dataclass(frozen=True)
class InvitationRow:
    """An invitation that can still be accepted. `handle` stands in addresses; it is not the link."""

    handle: str
    role: Role
    note: str
    made_by: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class InvitationInfo:
    """What an invitation offers to whoever opens it."""

    project_id: int
    project_key: str
    project_title: str
    role: Role
    used_by: int | None


def own_projects(db: Session, account_id: int) -> tuple[OwnProject, ...]:
    """The projects this account is an active member of, the newest first."""
    statement = (
        select(Project, col(Member.role))
        .join(Member, col(Member.project_id) == col(Project.id))
        .where(col(Member.account_id) == account_id, col(Member.is_active))
        .order_by(col(Project.created_at).desc(), col(Project.id).desc())
    )
    return tuple(
        OwnProject(row.id or 0, row.key, row.title, Role(role), row.is_synthetic, row.archived_at is not None)
        for row, role in db.execute(statement)
    )


def project_info(db: Session, access: Access) -> ProjectInfo:
    """The project's title, description and state."""
    row = db.get_one(Project, access.project_id)
    return ProjectInfo(row.title, row.description, row.created_at, row.archived_at)


def members(db: Session, access: Access) -> tuple[MemberRow, ...]:
    """Every member, those who are active first."""
    statement = (
        select(Member, col(Account.display_name), has_a_way_in())
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(Member.project_id) == access.project_id)
        .order_by(col(Member.is_active).desc(), col(Member.number))
    )
    return tuple(
        MemberRow(
            row.id or 0,
            row.number,
            row.account_id,
            display_name,
            Role(row.role),
            row.coder_group,
            row.is_active,
            can_sign_in,
            row.joined_at,
        )
        for row, display_name, can_sign_in in db.execute(statement)
    )


def successors(db: Session, access: Access) -> tuple[MemberRow, ...]:
    """The other members who could run the project: active, with an account that can sign in."""
    working = select(col(Account.id)).where(
        col(Account.is_active),
        col(Account.id).in_(
            select(col(Member.account_id)).where(col(Member.project_id) == access.project_id)
        ),
    )
    account_ids = set(db.scalars(working))
    return tuple(
        row
        for row in members(db, access)
        if row.is_active and row.can_sign_in and row.account_id in account_ids and row.id != access.member_id
    )


def open_invitations(db: Session, access: Access) -> tuple[InvitationRow, ...]:
    """The project's invitations that somebody can still accept, the newest first."""
    statement = (
        select(Invitation, col(Account.display_name))
        .join(Account, col(Account.id) == col(Invitation.created_by))
        .where(
            col(Invitation.project_id) == access.project_id,
            col(Invitation.used_at).is_(None),
            col(Invitation.revoked_at).is_(None),
            col(Invitation.expires_at) > now(),
        )
        .order_by(col(Invitation.created_at).desc())
    )
    return tuple(
        InvitationRow(
            row.token_hash[:HANDLE_LENGTH],
            Role(row.role),
            row.note,
            display_name,
            row.created_at,
            row.expires_at,
        )
        for row, display_name in db.execute(statement)
    )


def invitation(db: Session, token: str, account_id: int | None = None) -> InvitationInfo:
    """What the link offers; `NotFound` with the reason where it no longer admits anybody.

    To the account that has used it, a used invitation still says where it led.
    """
    statement = (
        select(Invitation, col(Project.key), col(Project.title), col(Project.archived_at))
        .join(Project, col(Project.id) == col(Invitation.project_id))
        .where(col(Invitation.token_hash) == hash_token(token))
    )
    found = db.execute(statement).first()
    if found is None:
        raise NotFound(_("There is no such invitation. Check that the whole link was copied."))
    row, key, title, archived_at = found
    if row.used_at is None or account_id is None or row.used_by != account_id:
        _refuse_closed(row)
        _refuse_archived(archived_at)
    return InvitationInfo(row.project_id, key, title, Role(row.role), row.used_by)


def why_no_joining(db: Session, offer: InvitationInfo, account_id: int) -> str:
    """Why this account cannot join by the invitation; empty where it can."""
    member = member_of(db, offer.project_id, account_id)
    if member is None:
        return ""
    if member.is_active:
        return _("You are a member of this project already. The invitation stays open for somebody else.")
    return _("Your membership was ended. Ask the lead to reactivate you on the page of members.")


def _refuse_closed(row: Invitation) -> None:
    if row.used_at is not None:
        raise UsedUp(
            _(
                "This invitation has been used; a link admits one person. "
                "If it was you, sign in. Otherwise ask the lead for another one."
            )
        )
    if row.revoked_at is not None:
        raise NotFound(_("This invitation was withdrawn. Ask the lead of the project for a new one."))
    if row.expires_at <= now():
        raise NotFound(_("This invitation has expired. Ask the lead of the project for a new one."))


def _refuse_archived(archived_at: datetime | None) -> None:
    if archived_at is not None:
        raise NotFound(_("This project is archived, so nobody can join it. Ask its lead to restore it."))


def member_of(db: Session, project_id: int, account_id: int) -> Member | None:
    """The account's membership, active or not."""
    found: Member | None = db.scalar(
        select(Member).where(col(Member.project_id) == project_id, col(Member.account_id) == account_id)
    )
    return found


def leads_something(db: Session, account_id: int) -> bool:
    """Whether the account is an active lead of any project."""
    as_lead = select(col(Member.id)).where(
        col(Member.account_id) == account_id, col(Member.role) == Role.LEAD, col(Member.is_active)
    )
    return db.scalar(as_lead.limit(1)) is not None

"""Access to a project: one statement finds the person, the project and the membership.

Outsiders and deactivated members are told that there is nothing here (404), members without the
permission that they may not (403).
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request
from sqlalchemy import and_, bindparam, select
from sqlmodel import Session, col

from server.accounts.access import keep_open
from server.accounts.models import Account, SignInSession
from server.accounts.queries import hash_token
from server.clock import now
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.errors import Forbidden, NotFound, Refusal, SignInNeeded
from server.language import gettext as _
from server.projects.models import Member, Project
from server.projects.roles import GRANTS, Permission, Role, may
from server.web.cookies import session_token
from server.web.deferring import deferred
from server.web.languages import use_language
from server.web.routing import SAFE_METHODS
from server.web.viewer import ProjectHeading, Viewer, remember_project, remember_viewer


@dataclass(frozen=True)
class Access:
    """A member acting in a project. Every action and every query of a project takes one."""

    account_id: int
    member_id: int
    role: Role
    project_id: int
    project_key: str
    project_title: str

    def may(self, permission: Permission) -> bool:
        """Whether this member has the permission."""
        return may(self.role, permission)


_account_project_member = Prepared(
    select(
        col(Account.id).label("account_id"),
        col(Account.display_name),
        col(Account.is_admin),
        col(Account.may_create_projects),
        col(Account.language),
        col(SignInSession.seen_at),
        col(Project.id).label("project_id"),
        col(Project.title),
        col(Project.is_synthetic),
        col(Project.archived_at),
        col(Member.id).label("member_id"),
        col(Member.role),
        col(Member.is_active).label("member_is_active"),
    )
    .select_from(Account)
    .join(SignInSession, col(SignInSession.account_id) == col(Account.id))
    .outerjoin(Project, col(Project.key) == bindparam("project_key"))
    .outerjoin(
        Member,
        and_(col(Member.project_id) == col(Project.id), col(Member.account_id) == col(Account.id)),
    )
    .where(
        col(SignInSession.token_hash) == bindparam("token_hash"),
        col(SignInSession.expires_at) > bindparam("moment"),
        col(Account.is_active),
    )
)


def demand_access(db: Session, request: Request, permission: Permission) -> Access:
    """The member behind this request, who has `permission` in the project of its address."""
    key = request.path_params["project_key"]
    found = _found_member(db, request, key)
    return granted(found, key, permission, changes=request.method not in SAFE_METHODS)


def granted(found: Any, key: str, permission: Permission, *, changes: bool) -> Access:
    """The access of an active member, a row of account, member, role and project.

    Raises:
        Forbidden: The role has not this permission.
        Refusal: The project is archived, and the request `changes` something.
    """
    role = Role(found.role)
    if not may(role, permission):
        raise Forbidden(not_allowed())
    if changes and found.archived_at is not None:
        _refuse_archived(permission)
    return Access(found.account_id, found.member_id, role, found.project_id, key, found.title)


def not_allowed() -> str:
    """That a member may not do what they asked for."""
    return _("Your role in this project does not allow this. The lead can change it.")


def recognise(db: Session, request: Request, key: str) -> None:
    """Remember who asks and the project with this key, for an address that leads nowhere.

    Whoever is no member of it gets the same page as where there is no such project.
    """
    with suppress(SignInNeeded, NotFound):
        _found_member(db, request, key)


def _found_member(db: Session, request: Request, key: str) -> Any:
    found = _find(db, request, key)
    if found.member_id is None or not found.member_is_active:
        raise NotFound
    permissions = frozenset(GRANTS[Role(found.role)])
    remember_project(request, ProjectHeading(key, found.title, found.is_synthetic, permissions))
    return found


def _refuse_archived(permission: Permission) -> None:
    """What is archived can be read and taken away, and the lead can restore it; nothing else changes."""
    if permission not in {Permission.EDIT_PROJECT, Permission.EXPORT, Permission.SEE_HISTORY}:
        raise Refusal(_("This project is archived, so nothing in it changes. The lead can restore it."))


def _find(db: Session, request: Request, key: str) -> Any:
    token = session_token(request)
    if not token:
        raise SignInNeeded
    values = {"token_hash": hash_token(token), "project_key": key, "moment": now()}
    found = _account_project_member.first(connection_of(db), values)
    if found is None:
        raise SignInNeeded
    use_language(found.language)
    keep_open(request, token, found.seen_at)
    viewer = Viewer(found.account_id, found.display_name, found.is_admin, found.may_create_projects)
    remember_viewer(request, viewer)
    return found


def needs(permission: Permission) -> Any:
    """A FastAPI dependency that gives the `Access`, or refuses."""
    return deferred(lambda db, request: demand_access(db, request, permission))


SeesProject = Annotated[Access, needs(Permission.SEE_PROJECT)]
EditsProject = Annotated[Access, needs(Permission.EDIT_PROJECT)]
ManagesMembers = Annotated[Access, needs(Permission.MANAGE_MEMBERS)]
SeesPosts = Annotated[Access, needs(Permission.SEE_POSTS)]
ImportsPosts = Annotated[Access, needs(Permission.IMPORT_POSTS)]
SeesCodebook = Annotated[Access, needs(Permission.SEE_CODEBOOK)]
EditsCodebook = Annotated[Access, needs(Permission.EDIT_CODEBOOK)]
SeesRounds = Annotated[Access, needs(Permission.SEE_ROUNDS)]
ManagesRounds = Annotated[Access, needs(Permission.MANAGE_ROUNDS)]
Codes = Annotated[Access, needs(Permission.CODE)]
SeesAgreement = Annotated[Access, needs(Permission.SEE_AGREEMENT)]
Reviews = Annotated[Access, needs(Permission.REVIEW_DISAGREEMENTS)]
SeesResults = Annotated[Access, needs(Permission.SEE_RESULTS)]
Exports = Annotated[Access, needs(Permission.EXPORT)]
SeesHistory = Annotated[Access, needs(Permission.SEE_HISTORY)]

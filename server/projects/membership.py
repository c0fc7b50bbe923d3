"""The pages on which the lead looks after members and invitations."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.errors import Refusal
from server.language import gettext as _
from server.projects import actions, queries
from server.projects.access import Access, ManagesMembers
from server.projects.forms import InvitationForm, RoleForm
from server.projects.pages import overview_of
from server.projects.roles import Role
from server.projects.words import role_offers, role_word
from server.web.forms import Form, blank, form_of
from server.web.numbers import number_in_path
from server.web.once import form_token, secret_of
from server.web.rendering import address, render, see_other
from server.web.routing import Db, pages

router = pages()
MemberNumber = Annotated[int, number_in_path("number")]


@dataclass(frozen=True)
class MemberCard:
    """A member, with how much they have coded."""

    member: queries.MemberRow
    role: str
    n_codings: int
    is_self: bool
    form: Form[Any]


@dataclass(frozen=True)
class OpenInvitation:
    """An invitation that somebody can still accept."""

    invitation: queries.InvitationRow
    role: str


@dataclass(frozen=True)
class MembersPage:
    """Who is in the project, who is invited, and a form to invite."""

    members: tuple[MemberCard, ...]
    invitations: tuple[OpenInvitation, ...]
    form: Form[Any]
    roles: tuple[tuple[str, str], ...]
    role_words: tuple[tuple[str, str], ...]
    message: str


@dataclass(frozen=True)
class InvitedPage:
    """The link of a new invitation, shown once."""

    link: str
    role: str
    note: str
    days: int


def _members(
    request: Request, db: Db, access: Access, form: Form[Any] | None = None, message: str = ""
) -> Response:
    codings = overview_of(request).codings_by_member(db, access.project_id)
    offered = blank(role=Role.ANNOTATOR, days=7, form_token=form_token())
    page = MembersPage(
        members=tuple(_card(row, codings.get(row.id, 0), access) for row in queries.members(db, access)),
        invitations=tuple(
            OpenInvitation(row, role_word(row.role)) for row in queries.open_invitations(db, access)
        ),
        form=form or offered,
        roles=role_offers(),
        role_words=tuple((role, role_word(role)) for role in Role),
        message=message,
    )
    return render(request, "projects/members.html", page, status=422 if form or message else 200)


def _card(row: queries.MemberRow, n_codings: int, access: Access) -> MemberCard:
    return MemberCard(row, role_word(row.role), n_codings, row.id == access.member_id, blank(role=row.role))


@router.get("/projects/{project_key}/members", name="projects.members")
def members(request: Request, db: Db, access: ManagesMembers) -> Response:
    """List members and open invitations."""
    return _members(request, db, access)


@router.post("/projects/{project_key}/members/{number}/role", name="projects.change_role")
def change_role(
    request: Request,
    db: Db,
    access: ManagesMembers,
    number: MemberNumber,
    form: Annotated[Form[RoleForm], form_of(RoleForm)],
) -> Response:
    """Give a member another role."""
    try:
        actions.change_role(db, access, number, form.checked().role)
    except Refusal as refusal:
        return _members(request, db, access, message=refusal.message)
    stays = number != _own_number(db, access) or form.checked().role is Role.LEAD
    page = "projects.members" if stays else "projects.show"
    return see_other(request, page, notice=_("The role is changed."))


def _own_number(db: Db, access: Access) -> int:
    return next(row.number for row in queries.members(db, access) if row.id == access.member_id)


@router.post("/projects/{project_key}/members/{number}/deactivate", name="projects.deactivate_member")
def deactivate_member(request: Request, db: Db, access: ManagesMembers, number: MemberNumber) -> Response:
    """Take a member out of the project; the work stays."""
    try:
        actions.deactivate_member(db, access, number)
    except Refusal as refusal:
        return _members(request, db, access, message=refusal.message)
    notice = _("The member is deactivated. What they coded stays.")
    if number == _own_number(db, access):
        return see_other(request, "projects.home", notice=notice)
    return see_other(request, "projects.members", notice=notice)


@router.post("/projects/{project_key}/members/{number}/reactivate", name="projects.reactivate_member")
def reactivate_member(request: Request, db: Db, access: ManagesMembers, number: MemberNumber) -> Response:
    """Let a member in again."""
    actions.reactivate_member(db, access, number)
    return see_other(request, "projects.members", notice=_("The member is active again."))


@router.post("/projects/{project_key}/invitations", name="projects.invite")
def invite(
    request: Request,
    db: Db,
    access: ManagesMembers,
    form: Annotated[Form[InvitationForm], form_of(InvitationForm)],
) -> Response:
    """Make an invitation, and show its link this once."""
    try:
        wanted = form.checked()
    except Refusal as refusal:
        return _members(request, db, access, form.refused(refusal))
    said = (wanted.role, wanted.note or "", wanted.days)
    token = secret_of(request, "invitation", wanted.form_token, access.project_id, *said)
    actions.invite(db, access, *said, token)
    path = address(request, "projects.accept_invitation", token=token)
    link = request.app.state.settings.resolved_base_url + path
    page = InvitedPage(link, role_word(wanted.role), wanted.note or "", wanted.days)
    return render(request, "projects/invited.html", page)


@router.post("/projects/{project_key}/invitations/{handle}/revoke", name="projects.revoke_invitation")
def revoke_invitation(request: Request, db: Db, access: ManagesMembers, handle: str) -> Response:
    """Withdraw an invitation that nobody has used."""
    actions.revoke_invitation(db, access, handle)
    return see_other(request, "projects.members", notice=_("The invitation is withdrawn."))

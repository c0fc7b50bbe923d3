"""The page behind an invitation's link: join with one's account, or make one.

Making an account takes a password; see `server.accounts.entry` for what that means for transactions.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.accounts.access import AnyOne
from server.accounts.actions import begin_session, hashed
from server.accounts.entry import signed_in
from server.accounts.forms import NewPersonForm, without_passwords
from server.errors import Refusal
from server.language import gettext as _
from server.projects import actions, queries
from server.projects.words import role_word
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages
from server.web.viewer import Viewer

router = pages(ReadsFirstRoute)


@dataclass(frozen=True)
class InvitationPage:
    """What the invitation offers. `why_not` says why the one who looks cannot join by it."""

    token: str
    project_title: str
    role: str
    form: Form[Any]
    why_not: str


@dataclass(frozen=True)
class _Offer:
    """An invitation, with what it means to the one who looks."""

    invitation: queries.InvitationInfo
    why_not: str

    def page(self, token: str, form: Form[Any]) -> InvitationPage:
        """The page with this form on it."""
        offered = self.invitation
        return InvitationPage(token, offered.project_title, role_word(offered.role), form, self.why_not)


def _offer(db: Db, token: str, viewer: Viewer | None) -> _Offer:
    found = queries.invitation(db, token, viewer.account_id if viewer else None)
    return _Offer(found, queries.why_no_joining(db, found, viewer.account_id) if viewer else "")


@router.get("/invitations/{token}", name="projects.accept_invitation")
def accept_invitation(request: Request, db: Db, viewer: AnyOne, token: str) -> Response:
    """Say what the invitation offers; looking does not use it up."""
    offer = _offer(db, token, viewer)
    if offer.invitation.used_by is not None:
        return see_other(request, "projects.show", project_key=offer.invitation.project_key)
    return render(request, "projects/invitation.html", offer.page(token, blank()))


@router.post("/invitations/{token}", name="projects.join")
def join(
    request: Request,
    viewer: AnyOne,
    token: str,
    form: Annotated[Form[NewPersonForm], form_of(NewPersonForm)],
) -> Response:
    """Become a member."""
    with database_of(request).reading() as db:
        offer = _offer(db, token, viewer)
    try:
        return _join(request, token, viewer) if viewer else _join_as_new(request, token, form)
    except Refusal as refusal:
        page = offer.page(token, without_passwords(form.refused(refusal)))
        return render(request, "projects/invitation.html", page, status=422)


def _welcome(request: Request, project_key: str) -> Response:
    return see_other(request, "projects.show", notice=_("Welcome to the project."), project_key=project_key)


def _join(request: Request, token: str, viewer: Viewer) -> Response:
    with database_of(request).writing() as db:
        project_key = actions.join(db, token, viewer.account_id)
    return _welcome(request, project_key)


def _join_as_new(request: Request, token: str, form: Form[NewPersonForm]) -> Response:
    person = form.checked()
    password_hash = hashed(person.password, person.name)
    with database_of(request).writing() as db:
        account_id, project_key = actions.join_as_new(
            db, token, person.name, person.display_name, password_hash
        )
        session = begin_session(db, account_id)
    return signed_in(request, _welcome(request, project_key), session)

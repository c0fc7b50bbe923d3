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
    """What the invitation offers, and to whom."""

    token: str
    project_title: str
    role: str
    form: Form[Any]


def _page(token: str, offer: queries.InvitationInfo, form: Form[Any]) -> InvitationPage:
    return InvitationPage(token, offer.project_title, role_word(offer.role), form)


@router.get("/invitations/{token}", name="projects.accept_invitation")
def accept_invitation(request: Request, db: Db, viewer: AnyOne, token: str) -> Response:
    """Say what the invitation offers; looking does not use it up."""
    offer = queries.invitation(db, token, viewer.account_id if viewer else None)
    if offer.used_by is not None:
        return see_other(request, "projects.show", project_key=offer.project_key)
    return render(request, "projects/invitation.html", _page(token, offer, blank()))


@router.post("/invitations/{token}", name="projects.join")
def join(
    request: Request,
    viewer: AnyOne,
    token: str,
    form: Annotated[Form[NewPersonForm], form_of(NewPersonForm)],
) -> Response:
    """Become a member."""
    with database_of(request).reading() as db:
        offer = queries.invitation(db, token, viewer.account_id if viewer else None)
    try:
        return _join(request, token, viewer) if viewer else _join_as_new(request, token, form)
    except Refusal as refusal:
        page = _page(token, offer, without_passwords(form.refused(refusal)))
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

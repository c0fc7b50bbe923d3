"""The page behind an invitation's link: join with one's account, or make one.

Making an account takes a password; see `server.accounts.entry` for what that means for transactions.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.accounts.access import AnyOne
from server.accounts.actions import admit, hashed
from server.accounts.forms import KnownPersonForm, NewPersonForm, without_passwords
from server.accounts.halves import known, use_up
from server.accounts.identities import suggested_name
from server.accounts.letting_in import (
    Ways,
    browser_of,
    enter,
    half_token,
    let_in,
    settings_of,
    signed_in,
    ways,
)
from server.accounts.links import CameBy, Link
from server.errors import Refusal
from server.language import gettext as _
from server.projects import actions, queries
from server.projects.words import role_word
from server.web.forms import Form, blank, form_of
from server.web.rendering import address, render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages
from server.web.viewer import Viewer

router = pages(ReadsFirstRoute)


@dataclass(frozen=True)
class InvitationPage:
    """What the invitation offers. `why_not` says why the one who looks cannot join by it.

    `is_known`: the identity provider knows them, so that `form` asks for no password.
    """

    token: str
    project_title: str
    role: str
    form: Form[Any]
    why_not: str
    ways: Ways
    is_known: bool


@dataclass(frozen=True)
class _Offer:
    """An invitation, with what it means to the one who looks."""

    invitation: queries.InvitationInfo
    why_not: str

    def page(self, request: Request, link: Link, form: Form[Any], *, is_known: bool) -> InvitationPage:
        """The page with this form on it."""
        title, role = self.invitation.project_title, role_word(self.invitation.role)
        return InvitationPage(link.shown, title, role, form, self.why_not, ways(request), is_known)


def _offer(db: Db, token: str, viewer: Viewer | None) -> _Offer:
    found = queries.invitation(db, token, viewer.account_id if viewer else None)
    return _Offer(found, queries.why_no_joining(db, found, viewer.account_id) if viewer else "")


@router.get("/invitations/{token}", name="projects.accept_invitation")
def accept_invitation(request: Request, db: Db, viewer: AnyOne, link: CameBy) -> Response:
    """Say what the invitation offers; looking does not use it up."""
    offer = _offer(db, link.token, viewer)
    if offer.invitation.used_by is not None:
        return see_other(request, "projects.show", project_key=offer.invitation.project_key)
    if link.is_in_address:
        return link.led_on(request, "projects.accept_invitation")
    proof = known(db, half_token(request))
    form = blank(name=suggested_name(db, proof), display_name=proof.display_name) if proof else blank()
    page = offer.page(request, link, form, is_known=proof is not None)
    return render(request, "projects/invitation.html", page)


@router.post("/invitations/{token}", name="projects.join")
def join(
    request: Request,
    viewer: AnyOne,
    link: CameBy,
    form: Annotated[Form[NewPersonForm], form_of(NewPersonForm)],
) -> Response:
    """Become a member."""
    with database_of(request).reading() as db:
        offer = _offer(db, link.token, viewer)
    try:
        return _join(request, link.token, viewer) if viewer else _join_as_new(request, link.token, form)
    except Refusal as refusal:
        page = offer.page(request, link, without_passwords(form.refused(refusal)), is_known=False)
        return render(request, "projects/invitation.html", page, status=422)


def _welcome(request: Request, project_key: str) -> Response:
    return see_other(request, "projects.show", notice=_("Welcome to the project."), project_key=project_key)


def _join(request: Request, token: str, viewer: Viewer) -> Response:
    with database_of(request).writing() as db:
        project_key = actions.join(db, token, viewer.account_id)
    return _welcome(request, project_key)


def _join_as_new(request: Request, token: str, form: Form[NewPersonForm]) -> Response:
    if not settings_of(request).password_sign_in:
        raise Refusal(_("On this server one does not sign in with a password."))
    person = form.checked()
    password_hash = hashed(person.password, person.name)
    with database_of(request).writing() as db:
        account_id, project_key = actions.join_as_new(
            db, token, person.name, person.display_name, password_hash
        )
        entry = enter(request, db, account_id)
    then = address(request, "projects.show", project_key=project_key)
    return let_in(request, entry, then, _("Welcome to the project."))


@router.post("/invitations/{token}/known", name="projects.join_known")
def join_known(
    request: Request,
    link: CameBy,
    form: Annotated[Form[KnownPersonForm], form_of(KnownPersonForm)],
) -> Response:
    """Make an account for who came by the identity provider, and a member."""
    half = half_token(request)
    with database_of(request).reading() as db:
        offer, proof = _offer(db, link.token, None), known(db, half)
    if proof is None:
        return see_other(request, "projects.accept_invitation", token=link.shown)
    try:
        person = form.checked()
        with database_of(request).writing() as db:
            use_up(db, half)
            account_id, project_key = actions.join_as_known(
                db, link.token, proof, person.name, person.display_name
            )
            begun = admit(db, account_id, browser_of(request))
    except Refusal as refusal:
        page = offer.page(request, link, form.refused(refusal), is_known=True)
        return render(request, "projects/invitation.html", page, status=422)
    return signed_in(request, _welcome(request, project_key), begun)

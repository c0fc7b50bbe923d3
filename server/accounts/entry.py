"""The pages that take a password: signing in, the first admin, a new password.

Hashing a password takes tens of milliseconds, in which nobody else could write, and a try that fails must
still be counted. So these pages open short transactions of their own before and after; see
`server.web.routing`.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from server.accounts import actions, queries, second_step
from server.accounts.access import AnyOne
from server.accounts.forms import (
    NewPasswordForm,
    NewPersonForm,
    SignInForm,
    local_path,
    without_passwords,
)
from server.accounts.halves import known
from server.accounts.letting_in import (
    Ways,
    browser_of,
    enter,
    half_token,
    let_in,
    owes_second_step,
    settings_of,
    ways,
)
from server.accounts.links import CameBy
from server.accounts.provider import Unreachable
from server.accounts.sessions import NewSession
from server.accounts.telling import Event, sender, tell
from server.errors import NotFound, Refusal
from server.language import gettext as _
from server.web.forms import Form, blank, form_of
from server.web.once import form_token
from server.web.rendering import address, render
from server.web.routing import Db, ReadsFirstRoute, database_of, pages

router = pages(ReadsFirstRoute)


@dataclass(frozen=True)
class SignInPage:
    """The door, and whether anybody can open it yet."""

    form: Form[Any]
    is_set_up: bool
    ways: Ways


@dataclass(frozen=True)
class SetUpPage:
    """The first admin's own account."""

    form: Form[Any]
    token: str


@dataclass(frozen=True)
class ResetPage:
    """A new password for the account `name`, or the identity `known_as`: None where nobody is known."""

    form: Form[Any]
    token: str
    name: str
    ways: Ways
    known_as: str | None


@router.get("/sign-in", name="accounts.sign_in")
def sign_in(request: Request, db: Db, viewer: AnyOne) -> Response:
    """Ask for name and password; who is signed in goes on."""
    wanted = local_path(request.query_params.get("next", "/"))
    if viewer is not None:
        return RedirectResponse(wanted, status_code=303)
    page = SignInPage(blank(next=wanted, form_token=form_token()), queries.is_set_up(db), ways(request))
    return render(request, "accounts/sign_in.html", page)


@router.post("/sign-in", name="accounts.start_session")
def start_session(request: Request, form: Annotated[Form[SignInForm], form_of(SignInForm)]) -> Response:
    """Sign in, with a new token whatever the browser had before."""
    try:
        attempt = prove(request, form)
        with database_of(request).writing() as db:
            entry = enter(request, db, actions.proved(db, attempt), form.checked().form_token)
    except Refusal as refusal:
        return turned_away(request, form, refusal)
    return let_in(request, entry, local_path(form.checked().next))


def turned_away(request: Request, form: Form[Any], refusal: Refusal) -> Response:
    """The door again, with why nobody was let in."""
    page = SignInPage(without_passwords(form.refused(refusal)), is_set_up=True, ways=ways(request))
    status = 503 if isinstance(refusal, Unreachable) else 422
    return render(request, "accounts/sign_in.html", page, status)


def prove(request: Request, form: Form[SignInForm]) -> actions.Attempt:
    """A counted try whose password is right; `Refusal` otherwise."""
    if not settings_of(request).password_sign_in:
        raise Refusal(_("On this server one does not sign in with a password."))
    wanted = form.checked()
    try:
        with database_of(request).writing() as db:
            attempt = actions.count_attempt(db, wanted.name, sender(request))
    except Refusal:
        tell(request, Event.TOO_MANY, None)
        raise
    try:
        actions.prove(attempt, wanted.password)
    except Refusal:
        tell(request, Event.REFUSED, attempt.account_id)
        raise
    return attempt


def open_session(request: Request, form: Form[SignInForm]) -> NewSession:
    """A new session for whose name, password and, where it is owed, code these are.

    `Refusal` otherwise.
    """
    attempt = prove(request, form)
    with database_of(request).writing() as db:
        account_id = actions.proved(db, attempt)
        if second_step.is_on(db, account_id):
            _check_step(request, db, account_id, form.checked().code)
        elif owes_second_step(request, db, account_id):
            raise Refusal(_("You need a second step: sign in in another tab to add it, then come back."))
        return actions.admit(db, account_id, browser_of(request, form.checked().form_token))


def _check_step(request: Request, db: Session, account_id: int, code: str) -> None:
    try:
        second_step.check(db, account_id, code, settings_of(request).resolved_secret_file)
    except Refusal:
        tell(request, Event.STEP_REFUSED, account_id)
        raise


@router.get("/set-up/{token}", name="accounts.set_up")
def set_up(request: Request, db: Db, link: CameBy) -> Response:
    """Ask for the first admin's account; looking does not use the link up."""
    if queries.open_link(db, "setup", link.token) is None or queries.is_set_up(db):
        raise NotFound(actions.setup_link_gone())
    if link.is_in_address:
        return link.led_on(request, "accounts.set_up")
    return render(request, "accounts/set_up.html", SetUpPage(blank(), link.shown))


@router.post("/set-up/{token}", name="accounts.make_first_admin")
def make_first_admin(
    request: Request, link: CameBy, form: Annotated[Form[NewPersonForm], form_of(NewPersonForm)]
) -> Response:
    """Make the first admin and sign them in."""
    database = database_of(request)
    with database.reading() as db:
        if queries.open_link(db, "setup", link.token) is None:
            raise NotFound(actions.setup_link_gone())
    try:
        wanted = form.checked()
        password_hash = actions.hashed(wanted.password, wanted.name)
        with database.writing() as db:
            account_id = actions.use_setup_link(
                db, link.token, wanted.name, wanted.display_name, password_hash
            )
            entry = enter(request, db, account_id)
    except Refusal as refusal:
        page = SetUpPage(without_passwords(form.refused(refusal)), link.shown)
        return render(request, "accounts/set_up.html", page, status=422)
    notice = _("This server is set up. Create a project, or make accounts for others.")
    return let_in(request, entry, address(request, "projects.home"), notice)


@router.get("/reset/{token}", name="accounts.reset")
def reset(request: Request, db: Db, link: CameBy) -> Response:
    """Ask for a new password; looking does not use the link up."""
    holder = queries.link_holder(db, link.token)
    if holder is None:
        raise NotFound(actions.reset_link_gone())
    if link.is_in_address:
        return link.led_on(request, "accounts.reset")
    proof = known(db, half_token(request))
    page = ResetPage(blank(), link.shown, holder.name, ways(request), proof.display_name if proof else None)
    return render(request, "accounts/reset.html", page)


@router.post("/reset/{token}", name="accounts.set_password")
def set_password(
    request: Request, link: CameBy, form: Annotated[Form[NewPasswordForm], form_of(NewPasswordForm)]
) -> Response:
    """Store the new password, sign every other browser out and this one in."""
    database = database_of(request)
    with database.reading() as db:
        holder = queries.link_holder(db, link.token)
    if holder is None:
        raise NotFound(actions.reset_link_gone())
    try:
        if not settings_of(request).password_sign_in:
            raise Refusal(_("On this server one does not sign in with a password."))
        password_hash = actions.hashed(form.checked().password, holder.name)
        with database.writing() as db:
            entry = enter(request, db, actions.use_reset_link(db, link.token, password_hash))
    except Refusal as refusal:
        refused = without_passwords(form.refused(refusal))
        page = ResetPage(refused, link.shown, holder.name, ways(request), None)
        return render(request, "accounts/reset.html", page, status=422)
    notice = _("Your new password is stored, and you are signed in.")
    return let_in(request, entry, address(request, "projects.home"), notice)

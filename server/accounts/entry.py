"""The pages that take a password: signing in, the first admin, a new password.

Hashing a password takes tens of milliseconds, in which nobody else could write, and a try that fails must
still be counted. So these pages open short transactions of their own before and after; see
`server.web.routing`.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from server.accounts import actions, queries
from server.accounts.access import AnyOne, SignedIn
from server.accounts.forms import (
    ChangePasswordForm,
    NewPasswordForm,
    NewPersonForm,
    SignInForm,
    local_path,
    without_passwords,
)
from server.accounts.pages import me_page
from server.errors import NotFound, Refusal
from server.language import gettext as _
from server.web.cookies import session_token, set_notice, set_session
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages

router = pages(ReadsFirstRoute)
SESSION_SECONDS = int(actions.SESSION_LIFETIME.total_seconds())


@dataclass(frozen=True)
class SignInPage:
    """The door, and whether anybody can open it yet."""

    form: Form[Any]
    is_set_up: bool


@dataclass(frozen=True)
class SetUpPage:
    """The first admin's own account."""

    form: Form[Any]
    token: str


@dataclass(frozen=True)
class ResetPage:
    """A new password for the account `name`."""

    form: Form[Any]
    token: str
    name: str


def sender(request: Request) -> str:
    """The address that a request comes from."""
    return request.client.host if request.client else ""


def signed_in(request: Request, response: Response, token: str, notice: str = "") -> Response:
    """The response, with the new session's token in the browser."""
    set_session(request, response, token, SESSION_SECONDS)
    if notice:
        set_notice(request, response, notice)
    return response


@router.get("/sign-in", name="accounts.sign_in")
def sign_in(request: Request, db: Db, viewer: AnyOne) -> Response:
    """Ask for name and password; who is signed in goes on."""
    wanted = local_path(request.query_params.get("next", "/"))
    if viewer is not None:
        return RedirectResponse(wanted, status_code=303)
    return render(request, "accounts/sign_in.html", SignInPage(blank(next=wanted), queries.is_set_up(db)))


@router.post("/sign-in", name="accounts.start_session")
def start_session(request: Request, form: Annotated[Form[SignInForm], form_of(SignInForm)]) -> Response:
    """Sign in, with a new token whatever the browser had before."""
    try:
        token = open_session(request, form)
    except Refusal as refusal:
        page = SignInPage(without_passwords(form.refused(refusal)), is_set_up=True)
        return render(request, "accounts/sign_in.html", page, status=422)
    return signed_in(request, RedirectResponse(local_path(form.checked().next), status_code=303), token)


def open_session(request: Request, form: Form[SignInForm]) -> str:
    """The token of a new session for whose name and password these are; `Refusal` otherwise."""
    database, wanted = database_of(request), form.checked()
    with database.writing() as db:
        attempt = actions.count_attempt(db, wanted.name, sender(request))
    actions.prove(attempt, wanted.password)
    with database.writing() as db:
        return actions.sign_in(db, attempt, session_token(request))


@router.get("/set-up/{token}", name="accounts.set_up")
def set_up(request: Request, db: Db, token: str) -> Response:
    """Ask for the first admin's account; looking does not use the link up."""
    if queries.open_link(db, "setup", token) is None or queries.is_set_up(db):
        raise NotFound(actions.setup_link_gone())
    return render(request, "accounts/set_up.html", SetUpPage(blank(), token))


@router.post("/set-up/{token}", name="accounts.make_first_admin")
def make_first_admin(
    request: Request, token: str, form: Annotated[Form[NewPersonForm], form_of(NewPersonForm)]
) -> Response:
    """Make the first admin and sign them in."""
    database = database_of(request)
    with database.reading() as db:
        if queries.open_link(db, "setup", token) is None:
            raise NotFound(actions.setup_link_gone())
    try:
        wanted = form.checked()
        password_hash = actions.hashed(wanted.password, wanted.name)
        with database.writing() as db:
            account_id = actions.use_setup_link(db, token, wanted.name, wanted.display_name, password_hash)
            session = actions.begin_session(db, account_id)
    except Refusal as refusal:
        page = SetUpPage(without_passwords(form.refused(refusal)), token)
        return render(request, "accounts/set_up.html", page, status=422)
    notice = _("This server is set up. Create a project, or make accounts for others.")
    return signed_in(request, see_other(request, "projects.home"), session, notice)


@router.get("/reset/{token}", name="accounts.reset")
def reset(request: Request, db: Db, token: str) -> Response:
    """Ask for a new password; looking does not use the link up."""
    holder = queries.link_holder(db, token)
    if holder is None:
        raise NotFound(actions.reset_link_gone())
    return render(request, "accounts/reset.html", ResetPage(blank(), token, holder.name))


@router.post("/reset/{token}", name="accounts.set_password")
def set_password(
    request: Request, token: str, form: Annotated[Form[NewPasswordForm], form_of(NewPasswordForm)]
) -> Response:
    """Store the new password, sign every other browser out and this one in."""
    database = database_of(request)
    with database.reading() as db:
        holder = queries.link_holder(db, token)
    if holder is None:
        raise NotFound(actions.reset_link_gone())
    try:
        password_hash = actions.hashed(form.checked().password, holder.name)
        with database.writing() as db:
            session = actions.begin_session(db, actions.use_reset_link(db, token, password_hash))
    except Refusal as refusal:
        page = ResetPage(without_passwords(form.refused(refusal)), token, holder.name)
        return render(request, "accounts/reset.html", page, status=422)
    notice = _("Your new password is stored, and you are signed in.")
    return signed_in(request, see_other(request, "projects.home"), session, notice)


@router.post("/me/password", name="accounts.change_password")
def change_password(
    request: Request, viewer: SignedIn, form: Annotated[Form[ChangePasswordForm], form_of(ChangePasswordForm)]
) -> Response:
    """Replace the password of who knows it; every other browser is signed out."""
    database = database_of(request)
    with database.reading() as db:
        account = queries.own_account(db, viewer.account_id)
    try:
        wanted = form.checked()
        password_hash = actions.hashed(wanted.password, account.name)
        with database.writing() as db:
            attempt = actions.count_attempt(db, account.name, sender(request))
        _prove_current(attempt, wanted.current_password)
        with database.writing() as db:
            token = actions.change_password(db, attempt, password_hash)
    except Refusal as refusal:
        page = me_page(account, password=without_passwords(form.refused(refusal)))
        return render(request, "accounts/me.html", page, status=422)
    notice = _("Your new password is stored. Every other browser was signed out.")
    return signed_in(request, see_other(request, "accounts.me"), token, notice)


def _prove_current(attempt: actions.Attempt, password: str) -> None:
    try:
        actions.prove(attempt, password)
    except Refusal as refusal:
        raise Refusal(
            _("Your password was not changed."), {"current_password": _("This is not your password.")}
        ) from refusal

"""How one signs in oneself: password, identity provider, second step. Each change asks for the password."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Request, Response
from sqlmodel import Session

from server.accounts import actions, halves, identities, queries, second_step
from server.accounts.access import SignedIn
from server.accounts.codes import new_secret
from server.accounts.forms import AddStepForm, ChangePasswordForm, PasswordForm, without_passwords
from server.accounts.letting_in import (
    Ways,
    browser_of,
    half_token,
    owes_second_step,
    settings_of,
    signed_in,
    ways,
)
from server.accounts.me_pages import me_page
from server.accounts.sessions import NewSession
from server.accounts.step_pages import add_step_page, codes_page, refused_step
from server.accounts.telling import Event, sender, tell
from server.errors import Refusal
from server.language import gettext as _
from server.web.forms import Form, blank, form_of
from server.web.rendering import address, render, see_other
from server.web.routing import Db, ReadsFirstRoute, database_of, pages
from server.web.viewer import Viewer

router = pages(ReadsFirstRoute)
Done = TypeVar("Done")
PasswordSent = Annotated[Form[PasswordForm], form_of(PasswordForm)]


@dataclass(frozen=True)
class OwnWaysPage:
    """How one signs in.

    `known_as`: as whom the provider has just known this browser; None where it has not. `section` is the
    part of the page whose form is `form`.
    """

    account: queries.OwnAccount
    ways: Ways
    known_as: str | None
    step: second_step.Standing | None
    form: Form[Any]
    section: str


@router.post("/me/password", name="accounts.change_password")
def change_password(
    request: Request, viewer: SignedIn, form: Annotated[Form[ChangePasswordForm], form_of(ChangePasswordForm)]
) -> Response:
    """Replace the password of who knows it; every other browser is signed out."""
    account = _own(request, viewer)
    try:
        wanted = form.checked()
        password_hash = actions.hashed(wanted.password, account.name)
        attempt = _proved(
            request, account, wanted.current_password, "current_password", _("Your password was not changed.")
        )
        with database_of(request).writing() as db:
            _demand_step(request, db, viewer.account_id)
            begun = actions.change_password(db, attempt, password_hash, browser_of(request))
    except Refusal as refusal:
        with database_of(request).reading() as db:
            return me_page(request, db, viewer, password=without_passwords(form.refused(refusal)))
    notice = _("Your new password is stored. Every other browser was signed out.")
    return signed_in(request, see_other(request, "accounts.me"), begun, notice)


def _demand_step(request: Request, db: Session, account_id: int) -> None:
    """`Refusal` where the second step is owed: what begins a new session would put it off for ever."""
    if owes_second_step(request, db, account_id) and not second_step.is_on(db, account_id):
        raise Refusal(_("This server demands a second step of you. Add it first."))


def _own(request: Request, viewer: Viewer) -> queries.OwnAccount:
    with database_of(request).reading() as db:
        return queries.own_account(db, viewer.account_id)


def _proved(
    request: Request,
    account: queries.OwnAccount,
    password: str,
    field: str = "password",
    message: str = "",
) -> actions.Attempt:
    """A counted try whose password is right; `Refusal` at the field otherwise."""
    with database_of(request).writing() as db:
        attempt = actions.count_attempt(db, account.name, sender(request))
    try:
        actions.prove(attempt, password)
    except Refusal as refusal:
        tell(request, Event.REFUSED, account.id)
        said = message or _("Nothing was changed.")
        raise Refusal(said, {field: _("This is not your password.")}) from refusal
    return attempt


@router.get("/me/sign-in", name="accounts.own_ways")
def own_ways(request: Request, db: Db, viewer: SignedIn) -> Response:
    """Show how one signs in."""
    return render(request, "accounts/own_ways.html", _page(request, db, viewer, blank(), ""))


def _page(request: Request, db: Session, viewer: Viewer, form: Form[Any], section: str) -> OwnWaysPage:
    proof = halves.known(db, half_token(request))
    return OwnWaysPage(
        queries.own_account(db, viewer.account_id),
        ways(request),
        (proof.display_name or proof.name) if proof else None,
        second_step.standing(db, viewer.account_id),
        without_passwords(form),
        section,
    )


def _refused(request: Request, viewer: Viewer, form: Form[Any], refusal: Refusal, section: str) -> Response:
    # Several forms of the page ask for a password: the section tells the fields apart.
    fields = {f"{section}-{name}": said for name, said in refusal.fields.items()}
    with database_of(request).reading() as db:
        page = _page(request, db, viewer, form.refused(Refusal(refusal.message, fields)), section)
    return render(request, "accounts/own_ways.html", page, status=422)


def _changed(
    request: Request, viewer: Viewer, form: Form[PasswordForm], change: Callable[[Session], Done]
) -> tuple[Done, NewSession]:
    """What `change` made of it, and the session that goes on; `Refusal` without the password."""
    attempt = _proved(request, _own(request, viewer), form.checked().password)
    with database_of(request).writing() as db:
        actions.proved(db, attempt)
        _demand_step(request, db, viewer.account_id)
        done = change(db)
        return done, actions.admit(db, viewer.account_id, browser_of(request))


@router.post("/me/sign-in/tie", name="accounts.tie")
def tie(request: Request, viewer: SignedIn, form: PasswordSent) -> Response:
    """Tie who the provider says this is to one's account."""

    def change(db: Session) -> None:
        proof = halves.known(db, half_token(request))
        if proof is None:
            raise Refusal(_("This took too long. Sign in at the identity provider again."))
        halves.use_up(db, half_token(request))
        identities.tie(db, viewer.account_id, viewer.account_id, proof)

    try:
        _none, begun = _changed(request, viewer, form, change)
    except Refusal as refusal:
        return _refused(request, viewer, form, refusal, "provider")
    return signed_in(request, see_other(request, "accounts.own_ways"), begun, _("The sign-in is tied."))


@router.post("/me/sign-in/untie", name="accounts.untie")
def untie(request: Request, viewer: SignedIn, form: PasswordSent) -> Response:
    """Let nobody sign in by the provider any more."""

    def change(db: Session) -> None:
        if not settings_of(request).password_sign_in:
            raise Refusal(_("Without it you could not sign in to this server any more."))
        identities.untie(db, viewer.account_id, viewer.account_id)

    try:
        _none, begun = _changed(request, viewer, form, change)
    except Refusal as refusal:
        return _refused(request, viewer, form, refusal, "provider")
    notice = _("The sign-in is untied. Every other browser was signed out.")
    return signed_in(request, see_other(request, "accounts.own_ways"), begun, notice)


@router.get("/me/second-step", name="accounts.new_second_step")
def new_second_step(request: Request, db: Db, viewer: SignedIn) -> Response:
    """Offer a secret for an app."""
    account = queries.own_account(db, viewer.account_id)
    if not account.has_password or second_step.is_on(db, viewer.account_id):
        return see_other(request, "accounts.own_ways")
    page = add_step_page(request, account.name, blank(secret=new_secret()), is_owed=False)
    return render(request, "accounts/add_second_step.html", page)


@router.post("/me/second-step", name="accounts.add_second_step")
def add_second_step(
    request: Request, viewer: SignedIn, form: Annotated[Form[AddStepForm], form_of(AddStepForm)]
) -> Response:
    """Add the second step and show the recovery codes; every other browser is signed out."""
    account, key = _own(request, viewer), settings_of(request).resolved_secret_file
    try:
        wanted = form.checked()
        attempt = _proved(request, account, wanted.password)
        with database_of(request).writing() as db:
            actions.proved(db, attempt)
            codes = second_step.add(db, viewer.account_id, wanted.secret, wanted.code, key)
            begun = actions.admit(db, viewer.account_id, browser_of(request))
    except Refusal as refusal:
        return refused_step(request, account.name, without_passwords(form.refused(refusal)), is_owed=False)
    return signed_in(request, codes_page(request, codes, address(request, "accounts.own_ways")), begun)


@router.post("/me/second-step/codes", name="accounts.renew_codes")
def renew_codes(request: Request, viewer: SignedIn, form: PasswordSent) -> Response:
    """Show new recovery codes; the earlier ones no longer count."""
    try:
        codes, begun = _changed(
            request, viewer, form, lambda db: second_step.renew_codes(db, viewer.account_id)
        )
    except Refusal as refusal:
        return _refused(request, viewer, form, refusal, "codes")
    page = codes_page(request, codes, address(request, "accounts.own_ways"), are_renewed=True)
    return signed_in(request, page, begun)


@router.post("/me/second-step/remove", name="accounts.remove_second_step")
def remove_second_step(request: Request, viewer: SignedIn, form: PasswordSent) -> Response:
    """Let one's password suffice again; every other browser is signed out."""

    def change(db: Session) -> None:
        if owes_second_step(request, db, viewer.account_id):
            raise Refusal(_("This server demands a second step of you."))
        second_step.remove(db, viewer.account_id, viewer.account_id)

    try:
        _none, begun = _changed(request, viewer, form, change)
    except Refusal as refusal:
        return _refused(request, viewer, form, refusal, "remove")
    notice = _("The second step is taken off. Every other browser was signed out.")
    return signed_in(request, see_other(request, "accounts.own_ways"), begun, notice)

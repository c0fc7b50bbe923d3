"""How somebody comes in who has proved something: with a session, or over a second step."""

from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from server.accounts import halves, second_step
from server.accounts.actions import admit
from server.accounts.browsers import family, system
from server.accounts.models import Account
from server.accounts.provider import Provider
from server.accounts.sessions import SESSION_LIFETIME, Browser, NewSession
from server.accounts.telling import Event, tell
from server.settings import DemandedOf, Settings
from server.web.cookies import carried, carry, forget, session_token, set_notice, set_session
from server.web.rendering import address
from server.web.viewer import viewer_of

HALF = "half-way"
SESSION_SECONDS = int(SESSION_LIFETIME.total_seconds())
HALF_SECONDS = int(halves.LIFETIME.total_seconds())


@dataclass(frozen=True)
class Ways:
    """How one can sign in here: what the identity provider is called (empty: none), and by password."""

    provider: str
    by_password: bool


@dataclass(frozen=True)
class Entry:
    """A session of the account, or half a sign-in whose next page is `step`, by its token."""

    token: str
    account_id: int
    step: str = ""


def ways(request: Request) -> Ways:
    """How one can sign in to this server."""
    provider, settings = provider_of(request), settings_of(request)
    return Ways(provider.label if provider else "", settings.password_sign_in)


def settings_of(request: Request) -> Settings:
    """How this server runs."""
    settings: Settings = request.app.state.settings
    return settings


def provider_of(request: Request) -> Provider | None:
    """The identity provider of this server."""
    provider: Provider | None = request.app.state.provider
    return provider


def browser_of(request: Request, form_token: str = "") -> Browser:
    """The browser that a request comes from, with the form of this token."""
    agent, idle = request.headers.get("user-agent", ""), settings_of(request).idle
    return Browser(family(agent), system(agent), idle, session_token(request), form_token)


def half_token(request: Request) -> str:
    """By what this browser is known half way in."""
    return carried(request, HALF)


def enter(request: Request, db: Session, account_id: int, form_token: str = "") -> Entry:
    """What follows the password, or a link that stands for it: the session, or the second step."""
    if second_step.is_on(db, account_id):
        return Entry(halves.await_second_step(db, account_id), account_id, "accounts.second_step")
    if owes_second_step(request, db, account_id):
        return Entry(halves.await_second_step(db, account_id), account_id, "accounts.owed_second_step")
    return Entry(admit(db, account_id, browser_of(request, form_token)).token, account_id)


def owes_second_step(request: Request, db: Session, account_id: int) -> bool:
    """Whether the server demands a second step of this account."""
    demanded = settings_of(request).demand_second_step
    if demanded is not DemandedOf.LEADS:
        return demanded is DemandedOf.EVERYBODY
    account = db.get_one(Account, account_id)
    leads: bool = account.is_admin or account.may_create_projects or request.app.state.leads(db, account_id)
    return leads


def let_in(request: Request, entry: Entry, then: str, notice: str = "") -> Response:
    """Go on to the address `then`, over the second step where it is still owed."""
    if not entry.step:
        begun = NewSession(entry.token, entry.account_id)
        return signed_in(request, RedirectResponse(then, status_code=303), begun, notice)
    tell(request, Event.STEP_ASKED, entry.account_id)
    response = RedirectResponse(address(request, entry.step, {"next": then}), status_code=303)
    carry(request, response, HALF, entry.token, HALF_SECONDS)
    return response


def signed_in(request: Request, response: Response, begun: NewSession, notice: str = "") -> Response:
    """The response, with the token of the session that has begun in the browser."""
    here = viewer_of(request)
    is_same = here is not None and here.account_id == begun.account_id
    tell(request, Event.RENEWED if is_same else Event.SIGNED_IN, begun.account_id)
    set_session(request, response, begun.token, SESSION_SECONDS)
    if half_token(request):
        forget(request, response, HALF)
    if notice:
        set_notice(request, response, notice)
    return response

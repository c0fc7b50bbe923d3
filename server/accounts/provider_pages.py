"""To the identity provider and back.

The way back is a GET that signs somebody in: OpenID Connect sends browsers so. What keeps others from
sending a browser there is the secret that only this browser carries (`server.accounts.provider`).
"""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from server.accounts import halves, identities, queries
from server.accounts.access import AnyOne
from server.accounts.actions import admit, reset_link_gone
from server.accounts.entry import turned_away
from server.accounts.forms import KnownPersonForm, local_path
from server.accounts.letting_in import (
    HALF,
    HALF_SECONDS,
    browser_of,
    half_token,
    provider_of,
    settings_of,
    signed_in,
)
from server.accounts.links import CameBy
from server.accounts.provider import Proof, Provider
from server.accounts.telling import Event, tell
from server.errors import NotFound, Refusal
from server.language import gettext as _
from server.web.cookies import carried, carry, forget
from server.web.forms import Form, blank, form_of
from server.web.rendering import address, render, see_other
from server.web.routing import Db, LeavesTransactionsRoute, ReadsFirstRoute, database_of, pages
from server.web.viewer import Viewer

ON_THE_WAY = "to-provider"
# Pages that know what to do with somebody who is known to the provider and has no account yet.
_OFFERS = ("/invitations/", "/reset/")

router = pages(ReadsFirstRoute)
back_router = pages(LeavesTransactionsRoute)


@dataclass(frozen=True)
class NewcomerPage:
    """An account for somebody whom the provider knows."""

    form: Form[Any]
    provider: str
    next: str


def _provider(request: Request) -> Provider:
    provider = provider_of(request)
    if provider is None:
        raise NotFound
    return provider


@back_router.get("/sign-in/provider", name="accounts.provider")
def go(request: Request) -> Response:
    """Send the browser to the provider, with a secret to bring back."""
    provider, secret = _provider(request), secrets.token_urlsafe(32)
    try:
        door = provider.door(secret)
    except Refusal as refusal:
        return turned_away(request, blank(), refusal)
    response = RedirectResponse(door, status_code=303)
    wanted = local_path(request.query_params.get("next", "/"))
    carry(request, response, ON_THE_WAY, f"{secret} {quote(wanted, safe='')}".replace(" ", "."), HALF_SECONDS)
    return response


@back_router.get("/sign-in/provider/back", name="accounts.provider_back")
def back(request: Request, viewer: AnyOne) -> Response:
    """Let in whom the provider knows, if it is an answer to this browser's question."""
    provider = _provider(request)
    secret, _dot, wanted = carried(request, ON_THE_WAY).partition(".")
    then = local_path(unquote(wanted))
    try:
        proof = provider.proof(secret, dict(request.query_params))
        response = _known(request, viewer, proof, then)
    except Refusal as refusal:
        tell(request, Event.REFUSED, None)
        response = turned_away(request, blank(next=then), refusal)
    forget(request, response, ON_THE_WAY)
    return response


def _known(request: Request, viewer: Viewer | None, proof: Proof, then: str) -> Response:
    with database_of(request).writing() as db:
        tied = identities.account_of(db, proof)
        if viewer is not None:
            if tied is not None:
                return _tied_already(request, is_own=tied.account_id == viewer.account_id)
            return _half_way(request, halves.await_account(db, proof), address(request, "accounts.own_ways"))
        if tied is not None:
            begun = admit(db, tied.account_id, browser_of(request))
            return signed_in(request, RedirectResponse(then, status_code=303), begun)
        return _half_way(request, halves.await_account(db, proof), _stranger_goes(request, then))


def _tied_already(request: Request, *, is_own: bool) -> Response:
    said = (
        _("This sign-in is tied to your account already.")
        if is_own
        else _("This sign-in is tied to another account of this server, so it was not tied to yours.")
    )
    return see_other(request, "accounts.own_ways", notice=said)


def _stranger_goes(request: Request, then: str) -> str:
    """Where somebody without an account goes: to the offer they came from, or to make one if they may."""
    if then.startswith(_OFFERS):
        return then
    if settings_of(request).oidc_new_accounts:
        return address(request, "accounts.newcomer", {"next": then})
    raise Refusal(
        _(
            "%s knows you, but no account of this server is tied to that. Open the link you were invited "
            "by and choose the same sign-in there; or sign in with your password and tie it under "
            "“How you sign in”."
        )
        % _provider(request).label
    )


def _half_way(request: Request, half: str, then: str) -> Response:
    response = RedirectResponse(then, status_code=303)
    carry(request, response, HALF, half, HALF_SECONDS)
    return response


@router.get("/sign-in/new", name="accounts.newcomer")
def newcomer(request: Request, db: Db) -> Response:
    """Offer an account to who has none."""
    proof = halves.known(db, half_token(request))
    if proof is None or not settings_of(request).oidc_new_accounts:
        return see_other(request, "accounts.sign_in")
    form = blank(name=identities.suggested_name(db, proof), display_name=proof.display_name)
    return _newcomer(request, form, 200)


def _newcomer(request: Request, form: Form[Any], status: int) -> Response:
    wanted = local_path(request.query_params.get("next", "/"))
    page = NewcomerPage(form, _provider(request).label, wanted)
    return render(request, "accounts/newcomer.html", page, status)


@router.post("/sign-in/new", name="accounts.make_newcomer")
def make_newcomer(
    request: Request, form: Annotated[Form[KnownPersonForm], form_of(KnownPersonForm)]
) -> Response:
    """Make the account and sign in."""
    database, half = database_of(request), half_token(request)
    with database.reading() as db:
        proof = halves.known(db, half)
    if proof is None or not settings_of(request).oidc_new_accounts:
        return see_other(request, "accounts.sign_in")
    try:
        wanted = form.checked()
        with database.writing() as db:
            halves.use_up(db, half)
            account_id = identities.create_known(db, proof, wanted.name, wanted.display_name)
            begun = admit(db, account_id, browser_of(request))
    except Refusal as refusal:
        return _newcomer(request, form.refused(refusal), 422)
    then = RedirectResponse(local_path(request.query_params.get("next", "/")), status_code=303)
    return signed_in(request, then, begun)


@router.post("/reset/{token}/tie", name="accounts.tie_by_link")
def tie_by_link(request: Request, link: CameBy) -> Response:
    """Tie who the provider says this is to the account of a one-time link, and sign in."""
    database, half = database_of(request), half_token(request)
    with database.reading() as db:
        proof = halves.known(db, half)
        if queries.link_holder(db, link.token) is None:
            raise NotFound(reset_link_gone())
    if proof is None:
        return see_other(request, "accounts.reset", token=link.shown)
    with database.writing() as db:
        halves.use_up(db, half)
        begun = admit(db, identities.tie_by_link(db, link.token, proof), browser_of(request))
    return signed_in(request, see_other(request, "projects.home"), begun, _("The sign-in is tied."))

"""Signing in by an identity provider: those whom it knows come in, and no answer that was tampered with."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey
from sqlmodel import select

from server.accounts.models import Identity
from server.db.engine import Database
from tests.accounts.conftest import PASSWORD, People
from tests.accounts.identity_provider import CLIENT, IdentityProvider
from tests.accounts.provider.conftest import (
    BACK,
    GO,
    go,
    is_signed_in,
    tie,
)
from tests.browse import form_fields, post
from tests.stock import on_one_database


def test_whom_the_provider_knows_comes_in(
    stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    assert "Sign in with Riverside" in stranger.get("/sign-in?next=/me").text
    back = stranger.get(provider.agree(go(stranger)))
    assert (back.status_code, back.headers["location"]) == (303, "/me")
    assert is_signed_in(stranger)


@on_one_database
def test_the_session_is_new_and_what_was_carried_is_gone(
    stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    stranger.cookies.set("session", "planted", domain="127.0.0.1")
    back = provider.agree(go(stranger))
    assert stranger.get(back).status_code == 303
    assert stranger.cookies["session"] != "planted"
    assert "to-provider" not in stranger.cookies
    again = stranger.get(back)
    assert (again.status_code, "not begun in this browser" in again.text) == (422, True)


@on_one_database
def test_nobody_is_found_by_an_address_of_e_mail(
    people: People, database: Database, provider: IdentityProvider
) -> None:
    people.browser("anna@example.org")
    client = people.browser()
    back = client.get(provider.agree(go(client), subject="another"))
    assert (back.status_code, "Riverside knows you" in back.text) == (422, True)
    assert not is_signed_in(client)
    with database.reading() as db:
        assert not db.exec(select(Identity)).all()


def _other_key(provider: IdentityProvider) -> None:
    provider.signs_with = ECKey.generate_key("P-256", {"kid": "first"})


def _no_key(provider: IdentityProvider) -> None:
    provider.signs_with = None


def _says(**claims: Any) -> Callable[[IdentityProvider], None]:
    return lambda provider: provider.claims.update(claims)


ATTACKS = {
    "wrong nonce": _says(nonce="of another browser"),
    "no nonce": _says(nonce=None),
    "wrong issuer": _says(iss="https://elsewhere.example"),
    "wrong audience": _says(aud="another program"),
    "also for another program": _says(aud=[CLIENT, "another"], azp="another"),
    "expired": _says(exp=int(time.time()) - 120),
    "never expires": _says(exp=None),
    "from tomorrow": _says(iat=int(time.time()) + 86_400, nbf=int(time.time()) + 86_400),
    "about nobody": _says(sub=""),
    "about a number": _says(sub=1),
    "signed by somebody else": _other_key,
    "not signed": _no_key,
}


@on_one_database
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_a_token_that_is_not_right_lets_nobody_in(
    stranger: TestClient,
    database: Database,
    provider: IdentityProvider,
    attack: Callable[[IdentityProvider], None],
) -> None:
    tie(database, provider)
    attack(provider)
    back = stranger.get(provider.agree(go(stranger)))
    assert (back.status_code, "cannot be believed" in back.text) == (422, True)
    assert not is_signed_in(stranger)


@on_one_database
def test_a_clock_may_be_wrong_by_less_than_a_minute(
    stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    provider.claims = {"exp": int(time.time()) - 30, "iat": int(time.time()) + 30}
    assert stranger.get(provider.agree(go(stranger))).status_code == 303


@on_one_database
def test_an_answer_that_this_browser_did_not_ask_for_lets_nobody_in(
    people: People, stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    attacker = people.browser()
    theirs = provider.agree(go(attacker))
    for path in (theirs, BACK, f"{BACK}?code=x&state="):
        go(stranger)
        back = stranger.get(path)
        assert (back.status_code, "not begun in this browser" in back.text) == (422, True)
    assert not is_signed_in(stranger)


@on_one_database
def test_a_code_of_another_browser_is_worth_nothing(
    people: People, stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    theirs = dict(parse_qsl(urlsplit(provider.agree(go(people.browser()))).query))
    mine = dict(parse_qsl(urlsplit(go(stranger)).query))
    back = stranger.get(BACK, params={"code": theirs["code"], "state": mine["state"]})
    assert (back.status_code, is_signed_in(stranger)) == (422, False)


@on_one_database
def test_a_code_works_once(stranger: TestClient, database: Database, provider: IdentityProvider) -> None:
    tie(database, provider)
    carried_location = go(stranger)
    secret = stranger.cookies["to-provider"]
    back = provider.agree(carried_location)
    assert stranger.get(back).status_code == 303
    stranger.cookies.delete("session")
    stranger.cookies.set("to-provider", secret, domain="127.0.0.1")
    assert stranger.get(back).status_code == 422
    assert not is_signed_in(stranger)


@on_one_database
def test_an_answer_of_another_provider_is_not_ours(
    stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    mixed_up = provider.agree(go(stranger), iss="https://elsewhere.example")
    assert "cannot be believed" in stranger.get(mixed_up).text
    assert "/token" not in provider.asked
    right = provider.agree(go(stranger), iss=provider.issuer)
    assert stranger.get(right).status_code == 303


@on_one_database
def test_who_does_not_agree_is_told_and_may_try_again(
    stranger: TestClient, provider: IdentityProvider
) -> None:
    state = dict(parse_qsl(urlsplit(go(stranger)).query))["state"]
    back = stranger.get(BACK, params={"error": "access_denied", "state": state})
    assert (back.status_code, "did not agree at Riverside" in back.text) == (422, True)
    assert form_fields(back, "/sign-in")["next"] == ["/me"]
    state = dict(parse_qsl(urlsplit(go(stranger)).query))["state"]
    assert "could not sign you in" in stranger.get(BACK, params={"error": "<b>", "state": state}).text


@on_one_database
@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example"},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_is_another_one_is_not_asked(
    stranger: TestClient, provider: IdentityProvider, document: dict[str, Any]
) -> None:
    provider.document = document
    page = stranger.get(GO)
    assert (page.status_code, "Riverside cannot be reached" in page.text) == (503, True)


@on_one_database
@pytest.mark.parametrize("choices", [{"oidc_issuer": "http://127.0.0.1:1"}])
def test_a_provider_that_does_not_answer_is_told(stranger: TestClient) -> None:
    page = stranger.get(GO)
    assert (page.status_code, "Riverside cannot be reached" in page.text) == (503, True)
    assert post(stranger, "/sign-in", {"name": "anna", "password": PASSWORD}).status_code == 303


@on_one_database
def test_new_keys_are_read_and_others_kept(
    stranger: TestClient, database: Database, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    tie(database, provider)
    monkeypatch.setattr("server.accounts.provider.AGAIN_SECONDS", 0.0)
    for _ in range(2):
        assert stranger.get(provider.agree(go(stranger))).status_code == 303
        stranger.cookies.delete("session")
    assert provider.asked.count("/keys") == 1
    provider.signs_with = ECKey.generate_key("P-256", {"kid": "second"})
    provider.keys = [provider.signs_with]
    assert stranger.get(provider.agree(go(stranger))).status_code == 303


@on_one_database
def test_without_a_provider_there_is_no_way_to_one(client_of: Any, app: Any) -> None:
    app.state.provider = None
    client = client_of(None)
    assert (client.get(GO).status_code, client.get(BACK).status_code) == (404, 404)
    assert GO not in client.get("/sign-in").text


@on_one_database
def test_nobody_is_sent_to_another_site(
    stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    back = stranger.get(provider.agree(go(stranger, "https://evil.example")))
    assert back.headers["location"] == "/"

"""Signing in by an identity provider: those whom it knows come in, and no answer that was tampered with."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from joserfc.jwk import ECKey
from pydantic import SecretStr
from sqlmodel import select

from server.accounts import actions, identities, queries
from server.accounts.models import Account, Identity
from server.accounts.provider import Proof
from server.db.engine import Database
from server.projects.actions import invite
from server.projects.roles import Role
from server.settings import Settings
from tests.accounts.conftest import PASSWORD, People
from tests.accounts.identity_provider import CLIENT, SECRET, IdentityProvider, serving
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

GO, BACK = "/sign-in/provider", "/sign-in/provider/back"


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(running: IdentityProvider) -> IdentityProvider:
    running.reset()
    return running


@pytest.fixture
def choices() -> dict[str, Any]:
    """Settings that a test wants otherwise."""
    return {}


@pytest.fixture
def settings(settings: Settings, provider: IdentityProvider, choices: dict[str, Any]) -> Settings:
    known = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "oidc_label": "Riverside",
    }
    return settings.model_copy(update=known | choices)


with_new_accounts = pytest.mark.parametrize("choices", [{"oidc_new_accounts": True}])
without_passwords = pytest.mark.parametrize("choices", [{"password_sign_in": False}])


def tie(database: Database, provider: IdentityProvider, name: str = "anna", subject: str = "s-1") -> None:
    with database.writing() as db:
        account = actions.demand_account(db, name)
        identities.tie(db, account.id, account.id or 0, Proof(provider.issuer, subject, "", ""))


@pytest.fixture
def stranger(people: People) -> TestClient:
    """A browser that nobody is signed in with; Anna has an account."""
    people.browser("anna")
    return people.browser()


def go(client: TestClient, then: str = "/me") -> str:
    sent: Response = client.get(GO, params={"next": then})
    assert sent.status_code == 303
    return str(sent.headers["location"])


def is_signed_in(client: TestClient) -> bool:
    page: Response = client.get("/me")
    return page.status_code == 200


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


def test_a_link_ties_whom_the_provider_knows(
    people: People, database: Database, provider: IdentityProvider
) -> None:
    with database.writing() as db:
        actions.create_account(db, None, "bert", "Bert")
        path = f"/reset/{actions.make_reset_link(db, None, 'bert')}"
    client = people.browser()
    back = client.get(provider.agree(go(client, path), subject="s-bert"))
    assert back.headers["location"] == path
    assert "Riverside knows you as Anna Lind" in client.get(path).text
    assert post(client, f"{path}/tie").status_code == 303
    assert is_signed_in(client)
    assert client.get(path).status_code == 404
    other = people.browser()
    assert other.get(provider.agree(go(other), subject="s-bert")).status_code == 303
    assert is_signed_in(other)


@on_one_database
def test_a_link_ties_nobody_who_did_not_come_by_the_provider(people: People, database: Database) -> None:
    people.browser("anna")
    with database.writing() as db:
        path = f"/reset/{actions.make_reset_link(db, None, 'anna')}"
    client = people.browser()
    assert post(client, f"{path}/tie").headers["location"] == path
    assert not is_signed_in(client)


@with_new_accounts
def test_whoever_the_provider_knows_may_make_an_account(
    people: People, database: Database, provider: IdentityProvider
) -> None:
    client = people.browser()
    back = client.get(provider.agree(go(client)))
    page = client.get(back.headers["location"])
    fields = form_fields(page, "/sign-in/new")
    assert (fields["name"], fields["display_name"]) == (["anna.lind"], ["Anna Lind"])
    refused = post(client, "/sign-in/new?next=/me", {"name": "é", "display_name": "Anna"})
    assert refused.status_code == 422
    made = post(client, "/sign-in/new?next=/me", {"name": "anna", "display_name": "Anna"})
    assert (made.status_code, made.headers["location"]) == (303, "/me")
    assert is_signed_in(client)
    with database.reading() as db:
        assert db.exec(select(Account.password_hash)).one() is None


@on_one_database
def test_unknown_people_make_no_account_unless_they_may(people: People, provider: IdentityProvider) -> None:
    client = people.browser()
    assert client.get(provider.agree(go(client))).status_code == 422
    for answer in (
        client.get("/sign-in/new"),
        post(client, "/sign-in/new", {"name": "x1", "display_name": "x"}),
    ):
        assert answer.headers["location"] == "/sign-in"


@on_one_database
def test_somebody_who_was_deactivated_does_not_come_in(
    stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    with database.writing() as db:
        actions.deactivate(db, None, "anna")
    back = stranger.get(provider.agree(go(stranger)))
    assert (back.status_code, "deactivated" in back.text, is_signed_in(stranger)) == (422, True, False)


@on_one_database
def test_a_sign_in_is_tied_and_untied_with_the_password(
    people: People, database: Database, provider: IdentityProvider
) -> None:
    client, elsewhere = people.browser("anna"), people.browser()
    assert client.get(provider.agree(go(client))).headers["location"] == "/me/sign-in"
    assert "knows you as Anna Lind" in client.get("/me/sign-in").text
    refused = post(client, "/me/sign-in/tie", {"password": "not my password"})
    assert (refused.status_code, "This is not your password." in refused.text) == (422, True)
    assert post(client, "/me/sign-in/tie", {"password": PASSWORD}).status_code == 303
    assert elsewhere.get(provider.agree(go(elsewhere))).status_code == 303
    assert post(client, "/me/sign-in/untie", {"password": "not my password"}).status_code == 422
    assert post(client, "/me/sign-in/untie", {"password": PASSWORD}).status_code == 303
    assert (is_signed_in(client), is_signed_in(elsewhere)) == (True, False)
    assert elsewhere.get(provider.agree(go(elsewhere))).status_code == 422


@on_one_database
def test_a_sign_in_of_another_account_is_not_taken(
    people: People, database: Database, provider: IdentityProvider
) -> None:
    client = people.browser("anna")
    people.browser("bert")
    tie(database, provider, "bert")
    client.get(provider.agree(go(client)))
    assert "tied to another account" in client.get("/me/sign-in").text
    assert post(client, "/me/sign-in/tie", {"password": PASSWORD}).status_code == 422


def test_one_of_many_at_once_is_tied(people: People, database: Database, provider: IdentityProvider) -> None:
    clients = [people.browser(f"person{number}") for number in range(4)]
    for client in clients:
        client.get(provider.agree(go(client)))
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda client: post(client, "/me/sign-in/tie", {"password": PASSWORD}), clients)
        )
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


@on_one_database
@without_passwords
def test_a_server_may_do_without_passwords(
    stranger: TestClient, database: Database, provider: IdentityProvider
) -> None:
    tie(database, provider)
    assert "password" not in stranger.get("/sign-in").text
    refused = post(stranger, "/sign-in", {"name": "anna", "password": PASSWORD})
    assert (refused.status_code, "does not sign in with a password" in refused.text) == (422, True)
    with database.writing() as db:
        path = f"/reset/{actions.make_reset_link(db, None, 'anna')}"
    assert 'type="password"' not in stranger.get(path).text
    assert post(stranger, path, {"password": "another grey heron"}).status_code == 422
    assert stranger.get(provider.agree(go(stranger))).status_code == 303


@on_one_database
def test_an_admin_without_a_password_looks_after_the_server(
    people: People, database: Database, provider: IdentityProvider
) -> None:
    with database.writing() as db:
        account_id = actions.create_account(db, None, "root", "Root", is_admin=True)
        assert not queries.is_set_up(db)
        identities.tie(db, None, account_id, Proof(provider.issuer, "s-1", "", ""))
        assert queries.is_set_up(db)


def test_the_secret_of_the_client_is_read_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")
    known: dict[str, Any] = {"oidc_issuer": "https://id.example.org", "oidc_client_id": CLIENT}
    settings = Settings(**known, oidc_client_secret=SecretStr(SECRET))
    assert settings.client_secret == SECRET
    assert SECRET not in repr(settings)
    assert Settings(**known, oidc_client_secret_file=file).client_secret == "from a file"


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"oidc_issuer": "http://id.example.org", "oidc_client_id": CLIENT}, "https://"),
        ({"oidc_issuer": "https://", "oidc_client_id": CLIENT}, "https://"),
        ({"oidc_issuer": "https://id.example.org"}, "client's id"),
        ({"oidc_client_secret_file": "no-such-file"}, "cannot be read"),
        ({"password_sign_in": False}, "nobody can sign in"),
    ],
)
def test_settings_that_let_nobody_in_are_refused(given: dict[str, Any], part: str) -> None:
    with pytest.raises(ValueError, match=part):
        Settings(**given)


@without_passwords
def test_an_invitation_is_taken_without_a_password(
    cast: Cast, client_of: ClientOf, database: Database, provider: IdentityProvider
) -> None:
    with database.writing() as db:
        invite(db, cast.lead, Role.ANNOTATOR, "", 7, "invitation-token")
    client, path = client_of(None), "/invitations/invitation-token"
    page = client.get(path)
    assert ("Sign in with Riverside" in page.text, 'type="password"' in page.text) == (True, False)
    person = {"name": "cleo", "display_name": "Cleo Clay"}
    assert post(client, f"{path}/known", person).headers["location"] == path
    assert client.get(provider.agree(go(client, path))).headers["location"] == path
    assert form_fields(client.get(path), "/known")["display_name"] == ["Anna Lind"]
    assert post(client, f"{path}/known", {**person, "name": "é"}).status_code == 422
    joined = post(client, f"{path}/known", person)
    assert (joined.status_code, client.get(joined.headers["location"]).status_code) == (303, 200)
    other = client_of(None)
    assert other.get(provider.agree(go(other))).status_code == 303
    assert is_signed_in(other)

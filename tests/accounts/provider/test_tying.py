"""Accounts that are tied to a provider, made by way of one, or do without passwords."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import select

from server.accounts import actions, identities, queries
from server.accounts.models import Account
from server.accounts.provider import Proof
from server.db.engine import Database
from server.projects.actions import invite
from server.projects.roles import Role
from server.settings import Settings
from tests.accounts.conftest import PASSWORD, People
from tests.accounts.identity_provider import CLIENT, SECRET, IdentityProvider
from tests.accounts.provider.conftest import go, is_signed_in, tie, with_new_accounts, without_passwords
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database


def test_a_link_ties_whom_the_provider_knows(
    people: People, database: Database, provider: IdentityProvider
) -> None:
    with database.writing() as db:
        actions.create_account(db, None, "bert", "Bert")
        path = f"/reset/{actions.make_reset_link(db, None, 'bert')}"
    client = people.browser()
    back = client.get(provider.agree(go(client, path), subject="s-bert"))
    assert back.headers["location"] == path
    assert "Riverside knows you as Anna Lind" in client.get(path, follow_redirects=True).text
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
    assert 'type="password"' not in stranger.get(path, follow_redirects=True).text
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
    page = client.get(path, follow_redirects=True)
    path = page.url.path
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

"""A form with a password or a code that is sent twice at once: one session, and no broken answer."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import func, select

from server.accounts import sessions
from server.accounts.models import Account, SignInSession
from server.clock import now
from server.db.engine import Database
from server.projects.actions import invite
from server.projects.roles import Role
from tests.accounts.conftest import PASSWORD, People, twice
from tests.browse import form_fields
from tests.cast import Cast

FRESH = "another grey heron"


def n_of(database: Database, table: Any) -> int:
    with database.reading() as db:
        return db.exec(select(func.count()).select_from(table)).one()


def sign_in_fields(client: TestClient) -> dict[str, Any]:
    return form_fields(client.get("/sign-in"), "/sign-in") | {"name": "anna", "password": PASSWORD}


def test_a_double_click_at_the_door_begins_one_session(people: People, database: Database) -> None:
    people.browser("anna").post("/sign-out")
    client, before = people.browser(), n_of(database, SignInSession)
    answers = twice(client, "/sign-in", sign_in_fields(client))
    assert [status for status, _cookie in answers] == [303, 303]
    assert len({cookie for _status, cookie in answers}) == 1
    assert n_of(database, SignInSession) == before + 1


def test_another_form_begins_another_session(people: People, database: Database) -> None:
    people.browser("anna")
    browsers = [people.browser() for _ in range(2)]
    for client in browsers:
        assert client.post("/sign-in", data=sign_in_fields(client)).status_code == 303
    assert len({client.cookies["session"] for client in browsers}) == 2


def test_the_token_cannot_be_told_from_the_form_alone(people: People, database: Database) -> None:
    people.browser("anna")
    people.browser("ben")
    tokens = set()
    for name in ("anna", "ben"):
        client = people.browser()
        fields = {"name": name, "password": PASSWORD, "form_token": "known-to-somebody"}
        assert client.post("/sign-in", data=fields).status_code == 303
        tokens.add(client.cookies["session"])
    assert len(tokens) == 2  # Other people, other hashes: the form's token alone makes none.


def test_a_new_password_is_stored_once(people: People, database: Database) -> None:
    client = people.browser("anna")
    answers = twice(client, "/me/password", {"current_password": PASSWORD, "password": FRESH})
    assert sorted(bool(cookie) for _status, cookie in answers) == [False, True]
    assert n_of(database, SignInSession) == 1


def test_an_invitation_makes_one_account(people: People, cast: Cast, database: Database) -> None:
    with database.writing() as db:
        invite(db, cast.lead, Role.ANNOTATOR, "", 7, "invitation")
    accounts, sessions = n_of(database, Account), n_of(database, SignInSession)
    fields = {"name": "zoe", "display_name": "Zoe", "password": PASSWORD}
    answers = twice(people.browser(), "/invitations/invitation", fields)
    first, second = sorted(status for status, _cookie in answers)
    assert first == 303
    assert second in {404, 422}  # The link is used up, or the name is taken.
    assert (n_of(database, Account), n_of(database, SignInSession)) == (accounts + 1, sessions + 1)


def test_a_form_that_is_sent_again_later_begins_another_session(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.browser("anna")
    client, tokens = people.browser(), set()
    fields = sign_in_fields(client)
    for moment in (now(), now() + timedelta(minutes=3)):
        monkeypatch.setattr(sessions, "now", lambda moment=moment: moment)
        client.cookies.clear()
        assert client.post("/sign-in", data=fields).status_code == 303
        tokens.add(client.cookies["session"])
    assert len(tokens) == 2

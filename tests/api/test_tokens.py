"""Whom a token lets in, and when it no longer does."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from server.accounts.actions import activate, deactivate
from server.accounts.models import Account
from server.accounts.queries import hash_token
from server.clock import now
from server.db.engine import Database
from server.errors import NotFound, Refusal
from server.history.models import HistoryEvent
from server.projects.models import Member
from server.tokens import queries
from server.tokens.actions import MAX_TOKENS, make_token, revoke_here, revoke_token
from server.tokens.models import AccessToken
from server.tokens.scopes import Scope
from tests import make
from tests.api.scene import BASE, Programs, bearer
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database


def _handle(db: Session, token: str) -> str:
    return str(
        db.scalar(select(col(AccessToken.handle)).where(col(AccessToken.token_hash) == hash_token(token)))
    )


def test_a_token_has_256_bits_and_is_stored_as_a_hash(programs: Programs, database: Database) -> None:
    token = programs.tokens["lead"]
    assert token.startswith("intercoder_")
    assert len(token.removeprefix("intercoder_")) == 43
    with database.reading() as db:
        rows = db.execute(select(AccessToken.__table__)).all()  # type: ignore[attr-defined]
        events = db.execute(select(HistoryEvent.__table__)).all()  # type: ignore[attr-defined]
    assert all(
        secret.removeprefix("intercoder_") not in str([rows, events])
        for secret in programs.tokens.values()
        if secret
    )


@pytest.mark.parametrize("how", ["revoked", "expired", "deactivated"])
def test_a_token_that_has_ended_opens_nothing(
    programs: Programs, cast: Cast, database: Database, how: str
) -> None:
    token = programs.tokens["viewer"]
    assert programs.ask("viewer", "/projects").status_code == 200
    with database.writing() as db:
        name = db.get_one(Account, cast.viewer.account_id).name
        if how == "revoked":
            revoke_token(db, cast.viewer.account_id, _handle(db, token))
        elif how == "expired":
            of_token = col(AccessToken.token_hash) == hash_token(token)
            db.execute(update(AccessToken).where(of_token).values(expires_at=now() - timedelta(seconds=1)))
        else:
            deactivate(db, None, name)
    answer = programs.ask("viewer", "/projects")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Intercoder", error="invalid_token"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401


@on_one_database
def test_without_a_token_one_is_told_how_to_sign_in(programs: Programs) -> None:
    for headers in ({}, {"Authorization": "Basic bGVhZDpsZWFk"}, {"Authorization": "Bearer "}):
        answer = programs.client.get(f"{BASE}/projects", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="Intercoder"')


@on_one_database
def test_cookies_open_nothing_here_and_tokens_no_page(
    programs: Programs, cast: Cast, client_of: ClientOf
) -> None:
    signed_in = client_of(cast.lead)
    assert signed_in.get("/me").status_code == 200
    assert signed_in.get(f"{BASE}/projects").status_code == 401
    assert signed_in.get(f"{BASE}/projects?access_token={programs.tokens['lead']}").status_code == 401
    for page in ("/me", f"/projects/{programs.key}/members"):
        assert programs.client.get(page, headers=bearer(programs.tokens["lead"])).status_code == 303
    # A cookie beside a token changes nothing, either.
    both = signed_in.get(f"{BASE}/projects", headers=bearer(programs.tokens["viewer"]))
    assert both.json()["projects"][0]["role"] == "viewer"


def test_a_token_of_one_project_reaches_no_other(cast: Cast, database: Database, programs: Programs) -> None:
    with database.writing() as db:
        other = make.project(db, "A second study")
        account_id = cast.lead.account_id
        row = Member(
            project_id=make.id_of(other), account_id=account_id, number=1, role="lead", joined_at=make.MOMENT
        )
        db.add(row)
        db.flush()
        of_one = make_token(db, account_id, "of one", [Scope.PROJECTS_READ], 1, other.key)
        key = other.key
    told = {
        name: {
            one["key"]
            for one in programs.client.get(f"{BASE}/projects", headers=bearer(token)).json()["projects"]
        }
        for name, token in {"one": of_one, "all": programs.tokens["lead"]}.items()
    }
    assert told == {"one": {key}, "all": {key, programs.key}}
    asked = programs.client.get(f"{BASE}/projects/{programs.key}", headers=bearer(of_one))
    assert asked.status_code == 404


def test_a_lead_shuts_a_token_out_of_the_own_project_alone(
    cast: Cast, database: Database, programs: Programs
) -> None:
    with database.writing() as db:
        account_id = cast.viewer.account_id
        here = make_token(db, account_id, "here", [Scope.PROJECTS_READ], 1, programs.key)
        revoke_here(db, cast.lead, _handle(db, here))
        revoke_here(db, cast.lead, _handle(db, programs.tokens["viewer"]))
        with pytest.raises(NotFound):
            revoke_here(db, cast.lead, _handle(db, programs.tokens["outsider"]))
        with pytest.raises(NotFound):
            revoke_here(db, cast.lead, _handle(db, programs.tokens["viewer"]))
    assert programs.client.get(f"{BASE}/projects", headers=bearer(here)).status_code == 401
    assert programs.ask("viewer", "/projects").json() == {"projects": []}
    assert programs.ask("viewer", "").status_code == 404
    with database.reading() as db:
        actions = db.scalars(
            select(col(HistoryEvent.action)).where(col(HistoryEvent.chain) == cast.lead.project_id)
        ).all()
    assert [one for one in actions if one.startswith("token.")] == [
        "token.create",
        "token.revoke",
        "token.shut_out",
    ]


@on_one_database
def test_nobody_revokes_the_token_of_another(cast: Cast, database: Database, programs: Programs) -> None:
    with database.writing() as db, pytest.raises(NotFound):
        revoke_token(db, cast.lead.account_id, _handle(db, programs.tokens["viewer"]))


@on_one_database
def test_a_project_one_is_not_in_and_too_many_tokens_are_refused(
    cast: Cast, database: Database, programs: Programs
) -> None:
    with database.writing() as db:
        with pytest.raises(Refusal, match="Nothing was made"):
            make_token(db, cast.lead.account_id, "there", [Scope.POSTS_READ], 1, programs.foreign_key)
        for _time in range(MAX_TOKENS - 1):
            make_token(db, cast.lead.account_id, "more", [Scope.POSTS_READ], 1)
        with pytest.raises(Refusal, match="which is the most"):
            make_token(db, cast.lead.account_id, "too many", [Scope.POSTS_READ], 1)


def test_the_last_use_is_noted_once_a_minute(programs: Programs, database: Database) -> None:
    def used() -> Any:
        with database.reading() as db:
            of_token = col(AccessToken.token_hash) == hash_token(programs.tokens["lead"])
            return db.scalar(select(col(AccessToken.used_at)).where(of_token))

    assert used() is None
    programs.ask("lead", "")
    first = used()
    programs.ask("lead", "")
    assert first is not None
    assert used() == first
    with database.writing() as db:
        db.execute(update(AccessToken).values(used_at=first - timedelta(minutes=2)))
    programs.ask("lead", "")
    assert used() > first


def test_wrong_tokens_are_counted_against_their_address(
    programs: Programs, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_GUESSES", 3)
    with database.writing() as db:
        old = make_token(db, 1, "old", [Scope.POSTS_READ], 1)
        revoke_token(db, 1, _handle(db, old))
    for _time in range(4):  # That it was made here once is no guess.
        assert programs.client.get(f"{BASE}/projects", headers=bearer(old)).status_code == 401
    guesses = [
        programs.client.get(f"{BASE}/projects", headers=bearer(f"intercoder_{'x' * 42}{one}")).status_code
        for one in range(4)
    ]
    assert guesses == [401, 401, 401, 429]
    answer = programs.ask("lead", "/projects")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")


@on_one_database
def test_an_account_that_is_active_again_has_its_tokens_again(
    programs: Programs, cast: Cast, database: Database
) -> None:
    for change, status in ((deactivate, 401), (activate, 200)):
        with database.writing() as db:
            change(db, None, db.get_one(Account, cast.viewer.account_id).name)
        assert programs.ask("viewer", "/projects").status_code == status

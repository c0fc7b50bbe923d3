"""Where somebody is signed in: seen, ended, and ended by itself when nobody uses it."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from server.accounts import sessions
from server.accounts.models import SignInSession
from server.accounts.queries import viewer_by_token
from server.clock import now
from server.db.engine import Database
from tests import make
from tests.accounts.conftest import PASSWORD, People
from tests.browse import post
from tests.stock import on_one_database

HOUR = timedelta(hours=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _begun(db: Session, **ages: timedelta) -> tuple[int, str, SignInSession]:
    """A session that idles out after an hour, with its moments moved back by `ages`."""
    account_id = make.account(db, "anna").id or 0
    token = sessions.begin_session(db, account_id, sessions.Browser(idle=HOUR))
    db.flush()
    row = db.exec(select(SignInSession)).one()
    for column, age in ages.items():
        setattr(row, column, getattr(row, column) - age)
    db.flush()
    return account_id, token, row


def test_a_session_that_idles_ends(db: Session) -> None:
    _account_id, token, row = _begun(db)
    assert row.expires_at - row.created_at == HOUR
    row.expires_at -= HOUR
    db.flush()
    assert viewer_by_token(db, token) is None
    sessions.note_seen(db, token, HOUR)
    db.flush()
    assert viewer_by_token(db, token) is None


def test_a_session_in_use_goes_on(db: Session) -> None:
    half = HOUR / 2
    _account_id, token, row = _begun(db, created_at=half, seen_at=half, expires_at=half)
    sessions.note_seen(db, token, HOUR)
    assert row.seen_at is not None
    assert now() - row.seen_at < timedelta(minutes=1)
    assert row.expires_at - row.seen_at == HOUR


def test_use_does_not_outlast_the_lifetime_nor_end_anything_early(db: Session) -> None:
    aged = sessions.SESSION_LIFETIME - HOUR / 2
    _account_id, token, row = _begun(db, created_at=aged)
    row.expires_at = now() + HOUR / 4
    sessions.note_seen(db, token, HOUR)
    assert row.expires_at == row.created_at + sessions.SESSION_LIFETIME
    sessions.note_seen(db, token, HOUR / 60)
    assert row.expires_at == row.created_at + sessions.SESSION_LIFETIME


def test_only_ones_own_sessions_are_listed_and_ended(db: Session) -> None:
    account_id, token, _row = _begun(db)
    elsewhere = sessions.begin_session(db, account_id)
    stranger = make.account(db, "bert").id or 0
    db.flush()
    here, there = sessions.own_sessions(db, account_id, token)
    assert (here.is_here, there.is_here) == (True, False)
    assert sessions.own_sessions(db, stranger, token) == ()
    assert not sessions.end_session(db, stranger, there.handle)
    assert viewer_by_token(db, elsewhere) is not None
    assert sessions.end_session(db, account_id, there.handle)
    assert viewer_by_token(db, elsewhere) is None
    assert viewer_by_token(db, token) is not None


@on_one_database
def test_a_request_is_noted_once_in_some_minutes(people: People, database: Database) -> None:
    client = people.browser("anna")

    def seen() -> timedelta:
        with database.writing() as db:
            row = db.exec(select(SignInSession)).one()
            assert row.seen_at is not None
            return now() - row.seen_at

    def move_back(by: timedelta) -> None:
        with database.writing() as db:
            row = db.exec(select(SignInSession)).one()
            row.seen_at = now() - by

    move_back(timedelta(minutes=4))
    client.get("/me")
    assert seen() > timedelta(minutes=3)
    move_back(timedelta(minutes=6))
    client.get("/me")
    assert seen() < timedelta(minutes=1)


@on_one_database
def test_the_account_page_lists_browsers_and_ends_them(people: People) -> None:
    here = people.browser("anna")
    there, third = people.client_of(None), people.client_of(None)
    for client in (there, third):
        sent = {"name": "anna", "password": PASSWORD}
        assert client.post("/sign-in", data=sent, headers={"user-agent": FIREFOX}).status_code == 303
    page = here.get("/me").text
    assert page.count("Firefox on Linux") > 1
    assert page.count("this browser") == 1
    handle = page.partition("/me/sessions/")[2].partition("/")[0]
    for _twice in range(2):
        assert post(here, f"/me/sessions/{handle}/end").status_code == 303
    assert [client.get("/me").status_code for client in (here, there, third)].count(303) == 1
    assert post(here, "/me/sessions/end").status_code == 303
    assert [client.get("/me").status_code for client in (here, there, third)] == [200, 303, 303]


@on_one_database
def test_the_log_tells_of_ways_in_by_number_and_not_by_name(
    people: People, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO", "intercoder.sign_in")
    people.browser("anna")
    client = people.client_of(None)
    monkeypatch.setattr(client._transport, "client", ("198.51.100.1", 1))
    tries = (("nobody-here", PASSWORD), ("anna", "a wrong guess of mine"), ("anna", PASSWORD))
    for name, password in tries:
        client.post("/sign-in", data={"name": name, "password": password})
    post(client, "/sign-out")
    client.get("/api/v1/projects", headers={"authorization": "Bearer intercoder_made_up"})
    told = [vars(record) for record in caplog.records]
    assert [(line["kind"], line["account"] is None) for line in told] == [
        ("refused", True),
        ("refused", False),
        ("signed in", False),
        ("signed out", False),
        ("token refused", True),
    ]
    assert {line["address"] for line in told} == {"198.51.100.1"}
    assert not any("anna" in str(value) for line in told for value in line.values())

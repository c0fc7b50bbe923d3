"""What the database fails with is said in words, and what was sent waits in the page that says so."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from server.db.engine import Database
from server.db.trouble import Trouble, trouble
from server.errors import OutOfOrder
from server.tokens.queries import PREFIX
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database


class _Full(sqlite3.OperationalError):
    sqlite_errorname = "SQLITE_FULL"


@pytest.fixture
def lead(cast: Cast, client_of: ClientOf) -> TestClient:
    return client_of(cast.lead)


@pytest.fixture
def full_disk(lead: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = Database.writing

    @contextmanager
    def failing(self: Database) -> Iterator[Session]:
        with commit(self) as db:
            yield db
            raise OperationalError("COMMIT", None, _Full("database or disk is full"))

    monkeypatch.setattr(Database, "writing", failing)


def test_each_trouble_is_told_by_the_drivers_code() -> None:
    def of(problem: Exception) -> Trouble | None:
        return trouble(DBAPIError.instance("", None, problem, psycopg.Error))  # type: ignore[arg-type]

    def sqlite(name: str) -> Trouble | None:
        problem = sqlite3.OperationalError("said otherwise in every version")
        problem.sqlite_errorname = name
        return trouble(OperationalError("", None, problem))

    assert sqlite("SQLITE_READONLY_DIRECTORY") is Trouble.READ_ONLY
    assert sqlite("SQLITE_IOERR_WRITE") is Trouble.UNREACHABLE
    assert sqlite("SQLITE_BUSY_SNAPSHOT") is Trouble.BUSY
    assert sqlite("SQLITE_ERROR") is None, "a mistake of the program"
    assert of(psycopg.errors.DiskFull()) is Trouble.FULL
    assert of(psycopg.errors.AdminShutdown()) is Trouble.UNREACHABLE
    assert of(psycopg.errors.DeadlockDetected()) is Trouble.BUSY
    assert of(psycopg.errors.UndefinedColumn()) is None


@on_one_database
@pytest.mark.usefixtures("full_disk")
def test_a_form_waits_in_the_page_and_can_be_sent_again(
    lead: TestClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/projects/{cast.project.key}/settings"
    sent = {"title": "A <b>new</b> title", "description": "Long"}
    answer = post(lead, path, sent)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "no room left" in answer.text
    assert "<dd>A &lt;b&gt;new&lt;/b&gt; title</dd>" in answer.text
    kept = form_fields(answer, path)
    assert (kept["title"], kept["description"]) == ([sent["title"]], ["Long"])
    monkeypatch.undo()
    assert lead.post(path, data=kept).status_code == 303


@contextmanager
def gone(database: Database) -> Iterator[None]:
    """A PostgreSQL that nobody reaches: who is connected is thrown out, and nobody comes in."""
    url = make_url(database.url)
    elsewhere = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(elsewhere, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = %s "
            "ORDER BY backend_start OFFSET 1) AS servers",  # The first is the one of the tests themselves.
            (url.database,),
        )
        try:
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true')


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_a_postgresql_that_cannot_be_reached_is_waited_for(
    lead: TestClient, cast: Cast, database: Database
) -> None:
    path = f"/projects/{cast.project.key}/settings"
    fields = form_fields(lead.get(path), path) | {"title": "A new title"}
    with gone(database):
        program = {"Authorization": f"Bearer {PREFIX}{'a' * 43}"}
        asked = lead.get(path), lead.post(path, data=fields), lead.get("/api/v1/projects", headers=program)
        for answer in asked:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        watched = [lead.get(path).status_code for path in ("/readyz", "/healthz", "/openz")]
        assert watched == [503, 200, 200], "the proxy goes on sending people here, to be told so"
    assert lead.get("/readyz").status_code == 200
    assert lead.post(path, data=fields).status_code == 303
    assert "A new title" in lead.get(path).text


@on_one_database
@pytest.mark.usefixtures("full_disk")
def test_passwords_and_forms_of_others_do_not_wait(lead: TestClient, cast: Cast) -> None:
    path = f"/projects/{cast.project.key}/settings"
    forged = lead.post(path, data={"title": "T"}, headers={"sec-fetch-site": "cross-site"})
    assert "What you sent" not in forged.text
    assert "What you sent" not in lead.post(path, data={"title": "T", "form_key": "wrong"}).text
    secret = post(lead, path, {"title": "T", "password": "a very long secret"})
    assert secret.status_code == 503
    assert "What you sent" not in secret.text
    assert "a very long secret" not in secret.text


@on_one_database
def test_an_address_that_nobody_has_is_told_while_the_database_is_away(
    lead: TestClient, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_self: Database) -> Iterator[Session]:
        raise OutOfOrder("The server cannot reach its database now.")

    monkeypatch.setattr(Database, "reading", away)
    assert lead.get(f"/projects/{cast.project.key}/no-such-page").status_code == 404

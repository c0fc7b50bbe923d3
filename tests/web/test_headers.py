"""What every answer says to the browser: the headers that keep other sites out, and cookies for TLS alone."""

from collections.abc import Iterator
from http.cookies import Morsel, SimpleCookie

import pytest
from anyio.from_thread import BlockingPortal
from fastapi.testclient import TestClient
from httpx import Response

from server.accounts.actions import create_account
from server.app import create_app
from server.db.engine import Database
from server.settings import Settings
from tests.stock import on_one_database

pytestmark = on_one_database
PASSWORD = "a calm grey heron"
PLACES = ("/sign-in", "/no-such-page", "/healthz", "/metrics", "/static/app.css")


@pytest.fixture
def over_tls(settings: Settings, database: Database, event_loop: BlockingPortal) -> Iterator[TestClient]:
    """A browser at a server that people reach over TLS, with somebody who can sign in."""
    with database.writing() as db:
        create_account(db, None, "anna", "Anna", PASSWORD)
    app = create_app(Settings(**settings.model_dump() | {"base_url": "https://study.example"}))
    with TestClient(app, base_url="https://study.example", follow_redirects=False) as client:
        yield client
    app.state.database.dispose()


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_keeps_other_sites_out(over_tls: TestClient, place: str) -> None:
    said = over_tls.get(place).headers
    policy = dict(each.split(" ", 1) for each in said["content-security-policy"].split("; "))
    for nothing in ("default-src", "object-src", "base-uri", "frame-ancestors"):
        assert policy[nothing] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "same-origin"
    assert said["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert "access-control-allow-origin" not in said
    assert "charset=utf-8" in said["content-type"]
    assert "server" not in said


def test_pages_are_stored_nowhere(over_tls: TestClient) -> None:
    for place in ("/sign-in", "/no-such-page"):
        assert over_tls.get(place).headers["cache-control"] == "no-store"


def test_without_tls_no_browser_is_told_to_insist_on_it(app_client: TestClient) -> None:
    assert "strict-transport-security" not in app_client.get("/sign-in").headers


@pytest.fixture
def app_client(settings: Settings, event_loop: BlockingPortal) -> Iterator[TestClient]:
    """A browser at a server on a laptop."""
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client
    app.state.database.dispose()


def test_every_cookie_is_for_this_host_over_tls(over_tls: TestClient) -> None:
    answers = [over_tls.post("/sign-in", data={"name": "anna", "password": PASSWORD})]
    key = over_tls.get("/me").text.partition('name="form_key" value="')[2].partition('"')[0]
    answers.append(over_tls.post("/sign-out", data={"form_key": key}))
    answers.append(over_tls.get("/sign-in"))

    assert [answer.status_code for answer in answers] == [303, 303, 200]
    assert "You are signed out." in answers[-1].text
    named = [each.key for answer in answers for each in _cookies(answer)]
    assert named == ["__Host-session", "__Host-notice", "__Host-session", "__Host-notice"]
    for cookie in (each for answer in answers for each in _cookies(answer)):
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["path"] == "/"
        assert cookie["samesite"].lower() == "lax"
        assert cookie["domain"] == ""


def _cookies(answer: Response) -> list[Morsel[str]]:
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        jar.load(line)
    return list(jar.values())


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PUT", "DELETE", "PATCH"])
def test_a_method_that_no_page_takes_is_refused(over_tls: TestClient, method: str) -> None:
    assert over_tls.request(method, "/sign-in").status_code == 405


NOWHERE = ("/docs", "/redoc", "/openapi.json", "/static/", "/static/../app.py", "/.git/config")


@pytest.mark.parametrize("place", NOWHERE)
def test_nothing_is_told_about_the_program(over_tls: TestClient, place: str) -> None:
    assert over_tls.get(place).status_code == 404

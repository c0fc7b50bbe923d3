"""What is told of requests, and that nothing of them that people wrote is told."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import cast as cast_to

import pytest
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message

from server.app import create_app
from server.settings import Settings
from server.tokens.actions import make_token
from server.tokens.scopes import Scope
from server.web.logbook import Lines, log_config, without_words
from tests import make
from tests.cast import Cast
from tests.stock import on_one_database

SECRET = "I miss the old one 💔"


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What the server writes, as it is set up by `intercoder serve`."""
    logging.config.dictConfig(log_config())
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(Lines())
    logger = logging.getLogger("intercoder")
    before = logger.handlers
    logger.handlers = [handler]
    yield written
    logger.handlers = before
    logger.propagate = True
    for name in ("uvicorn", "intercoder"):
        logging.getLogger(name).handlers = []


@pytest.fixture
def watched(settings: Settings) -> Iterator[TestClient]:
    """A server that counts and writes down its requests."""
    wanted = settings.model_copy(update={"log_requests": True, "metrics_token": "a long token"})
    app = create_app(wanted)

    @app.get("/broken", name="broken")
    def broken() -> None:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"cannot code {SECRET}") from error

    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client
    app.state.database.dispose()


def lines(told: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in told.getvalue().splitlines()]


@on_one_database
def test_a_request_is_a_line_with_the_name_of_its_page(watched: TestClient, told: io.StringIO) -> None:
    answer = watched.get(f"/sign-in?next={SECRET}", headers={"X-Request-ID": "proxy-12345678"})
    assert answer.headers["x-request-id"] == "proxy-12345678"
    watched.get(f"/projects/{SECRET}/posts", headers={"X-Request-ID": "I miss the old one"})
    first, second = lines(told)
    assert first["request"] == "proxy-12345678"
    assert (first["route"], first["status"], first["method"]) == ("accounts.sign_in", 200, "GET")
    assert second["route"] == "corpora.index"
    assert len(str(second["request"])) == 16
    assert SECRET not in told.getvalue()


@on_one_database
def test_a_request_is_told_with_whose_it_was(watched: TestClient, told: io.StringIO, cast: Cast) -> None:
    app = cast_to(FastAPI, watched.app)
    with app.state.database.writing() as db:
        token = make_token(db, cast.lead.account_id, "R", [Scope.PROJECTS_READ], 1)
        watched.cookies.set("session", make.session(db, cast.annotator.account_id))
    watched.get("/me")
    watched.get(f"/projects/{cast.project.key}/members")
    watched.get("/api/v1/projects", headers={"Authorization": f"Bearer {token}"})
    watched.cookies.set("session", "of nobody")
    watched.get("/me")
    assert [(line["account"], line["status"]) for line in lines(told) if line["said"] == "request"] == [
        (cast.annotator.account_id, 200),
        (cast.annotator.account_id, 403),
        (cast.lead.account_id, 200),
        (None, 303),
    ]


@on_one_database
def test_an_error_is_told_without_its_words(watched: TestClient, told: io.StringIO) -> None:
    answer = watched.get("/broken")
    assert answer.status_code == 500
    failure = next(line for line in lines(told) if line["said"] == "failure")
    assert str(failure["reference"]) in answer.text
    error = failure["error"]
    assert isinstance(error, list)
    assert error[0] == "ValueError"
    assert "KeyError" in error
    assert any("test_watching.py" in place for place in error)
    assert "miss the old" not in told.getvalue()


def test_an_error_that_leads_to_itself_ends() -> None:
    error = ValueError("x")
    error.__cause__ = error
    assert list(without_words(error)) == ["ValueError"]


@on_one_database
def test_metrics_are_for_who_has_the_token(watched: TestClient) -> None:
    watched.get("/sign-in")
    for header in ({}, {"Authorization": "Bearer another"}):
        assert watched.get("/metrics", headers=header).status_code == 404
    figures = watched.get("/metrics", headers={"Authorization": "Bearer a long token"}).text
    assert 'intercoder_requests_total{method="GET",route="accounts.sign_in",status="200"} 1.0' in figures
    assert "intercoder_request_seconds_bucket" in figures


def figure(client: TestClient, name: str) -> float:
    figures = client.get("/metrics", headers={"Authorization": "Bearer a long token"}).text
    return next(float(line.split()[-1]) for line in figures.splitlines() if line.startswith(f"{name} "))


@on_one_database
def test_failures_are_counted_from_nothing(watched: TestClient) -> None:
    assert figure(watched, "intercoder_failures_total") == 0, "else the first one is no increase"
    watched.get("/broken")
    watched.get("/no-such-page")
    assert figure(watched, "intercoder_failures_total") == 1


@on_one_database
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/sign-in", "multipart/form-data; boundary=B"),
        ("/api/v1/projects/{key}/posts", "application/json"),
    ],
)
def test_whoever_hangs_up_while_sending_is_no_failure(
    watched: TestClient, told: io.StringIO, cast: Cast, event_loop: BlockingPortal, path: str, kind: str
) -> None:
    app = cast_to(FastAPI, watched.app)
    with app.state.database.writing() as db:
        token = make_token(db, cast.lead.account_id, "R", [Scope.POSTS_WRITE], 1)
    begun: Message = {"type": "http.request", "body": b"--B\r\n", "more_body": True}
    ended: Message = {"type": "http.disconnect"}
    half = iter([begun, ended])
    sent: list[Message] = []

    async def receive() -> Message:
        return next(half)

    async def send(message: Message) -> None:
        sent.append(message)

    path = path.format(key=cast.project.key)
    headers = {"content-type": kind, "content-length": "90", "authorization": f"Bearer {token}"}
    scope: Message = {
        "type": "http", "method": "POST", "path": path, "root_path": "", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    event_loop.call(app, scope, receive, send)
    assert not [*half], "it was read up to where it broke off"
    assert sent[0]["status"] == 400
    assert not [line for line in lines(told) if line["said"] == "failure"]
    assert figure(watched, "intercoder_failures_total") == 0


@on_one_database
def test_without_a_token_nobody_reads_metrics(settings: Settings) -> None:
    app = create_app(settings)
    client = TestClient(app)
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    app.state.database.dispose()

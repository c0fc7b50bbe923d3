"""Annotators who submit at the same moment share a transaction, and nothing else."""

import asyncio
from typing import Any

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient, Response
from sqlmodel import col, select

from server.db.engine import Database
from server.history.models import HistoryEvent
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, opened, stored
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database

Sent = tuple[TestClient, str, dict[str, Any]]


def _at_once(app: FastAPI, loop: BlockingPortal, *forms: Sent) -> list[Response]:
    """The answers to these forms, all sent before one of them is answered."""

    async def send(client: TestClient, path: str, fields: dict[str, Any]) -> Response:
        headers, cookies = {**client.headers}, dict(client.cookies)
        async with AsyncClient(
            transport=ASGITransport(app), base_url=str(client.base_url), headers=headers, cookies=cookies
        ) as browser:
            return await browser.post(path, data=fields)

    async def all_of_them() -> list[Response]:
        return await asyncio.gather(*(send(*form) for form in forms))

    return loop.call(all_of_them)


def test_each_gets_their_own_answer_and_is_stored_alone(
    app: FastAPI, event_loop: BlockingPortal, here: Study, cast: Cast, client_of: ClientOf, database: Database
) -> None:
    ada, other = client_of(cast.annotator), client_of(cast.other_annotator)
    other.headers["accept-language"] = "fr"
    path = here.path(1)
    good = opened(ada, path) | ANSWERS
    unanswered = opened(other, path) | {"memo": "kept"}
    draft = opened(ada, here.path(2)) | {"memo": "begun"}

    submitted, refused, saved, stranger = _at_once(
        app,
        event_loop,
        (ada, path, good),
        (other, path, unanswered),
        (ada, here.path(2) + "/draft", draft),
        (client_of(None), path, good),
    )

    assert submitted.status_code == 303
    assert submitted.headers["location"].endswith(here.path(2))
    assert refused.status_code == 422
    assert 'lang="fr"' in refused.text
    assert "kept" in refused.text
    assert saved.status_code == 204
    assert stranger.status_code == 401
    assert stored(database, here, 1, cast.annotator).state == "submitted"
    assert stored(database, here, 1, cast.other_annotator).revisions == []
    kept = stored(database, here, 2, cast.annotator).draft
    assert kept is not None
    assert kept.typed["memo"] == ["begun"]
    with database.reading() as db:
        wanted = col(HistoryEvent.action).startswith("coding.")
        assert len(db.exec(select(HistoryEvent).where(wanted)).all()) == 1


def test_one_form_sent_many_times_at_once_is_stored_once(
    app: FastAPI, event_loop: BlockingPortal, here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    form = (client, here.path(1), opened(client, here.path(1)) | ANSWERS)
    answers = _at_once(app, event_loop, *([form] * 10))
    assert {answer.headers["location"] for answer in answers} == {answers[0].headers["location"]}
    assert len(stored(database, here, 1, cast.annotator).revisions) == 1

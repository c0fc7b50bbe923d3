"""The coding desk in its kept frame, in every state it can be in, is the desk rendered anew."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select, update

from server.care.models import ProjectCare, WarningTopic
from server.care.topics import values_in
from server.clock import now
from server.coding import pages
from server.corpora.models import Post
from server.db.engine import Database
from server.rounds.models import Assignment, Round, RoundAnnotator, RoundQueue
from server.web.rendering import render
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, study
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database

STRANGE = "100 % <b>bold</b> %s {{ x }} & #tag https://example.org/?a=1&b=2 🙂"
Change = Callable[[Database, Study, TestClient], object]


@pytest.fixture(params=["all asked", "some asked"])
def here(request: pytest.FixtureRequest, database: Database, cast: Cast) -> Study:
    when = {"stance": [("expression", "attachment")]} if request.param == "some asked" else {}
    with database.writing() as db:
        return study(db, cast, book=make.published(db, cast.project, when=when))


def _update(database: Database, table: type, **values: object) -> object:
    with database.writing() as db:
        return db.execute(update(table).values(**values))


def _draft(of: Study, client: TestClient) -> object:
    fields = opened(client, of.path(1)) | {"v-stance": "against", "memo": STRANGE}
    return post(client, of.path("1/draft"), fields)


def _shared(database: Database, of: Study) -> object:
    with database.writing() as db:
        return db.merge(RoundQueue(round_id=make.id_of(of.round), lease_minutes=60, n_slots=3))


def _own_keys(of: Study, client: TestClient) -> object:
    page = of.path().removesuffix("/code") + "/keys"
    post(client, page, form_fields(client.get(page), "/keys") | {"k-!memo": "%"})
    return client.get(page)  # Where the notice is shown, which is no part of the desk.


def _care(database: Database, of: Study) -> None:
    """Everything that may be said: a hidden post with its author and topic, a pause, an end."""
    began, latest = (now() - timedelta(minutes=minutes) for minutes in (52, 1))
    project_id = of.round.project_id
    _update(database, Round, ends_on=date(2020, 2, 1))
    _update(database, Post, extra={"topic": STRANGE}, author=STRANGE)
    _update(database, RoundAnnotator, stretch_began_at=began, done_before_at=began, done_latest_at=latest)
    with database.writing() as db:
        care = ProjectCare(project_id=project_id, topic_field="topic", hides="topics", shows_author=True)
        db.merge(care)
        value = next(iter(values_in(STRANGE)))
        if not db.exec(select(WarningTopic).where(WarningTopic.project_id == project_id)).first():
            db.add(WarningTopic(project_id=project_id, value=value, label=STRANGE, position=0))


STATES: dict[str, Change] = {
    "untouched": lambda _database, _of, _client: None,
    "a draft": lambda _database, of, client: _draft(of, client),
    "submitted": lambda _database, of, client: coded(client, of.path(1), memo=STRANGE),
    "a correction": lambda _database, of, client: (coded(client, of.path(1)), _draft(of, client)),
    "skipped": lambda _database, of, client: post(
        client, of.path("1/skip"), opened(client, of.path(1)) | {"reason": "other", "reason_words": STRANGE}
    ),
    "withdrawn": lambda database, _of, _client: _update(database, Assignment, state="withdrawn"),
    "shared": lambda database, of, _client: _shared(database, of),
    "shared and late": lambda database, of, _client: (
        _shared(database, of),
        _update(database, Assignment, state="returned"),
    ),
    "cared for": lambda database, of, _client: _care(database, of),
    "locked": lambda database, _of, _client: _update(database, Round, locked_at=now()),
    "linked": lambda database, _of, _client: _update(database, Post, link="https://example.org/?a=1&b=%20"),
    "a strange link": lambda database, _of, _client: _update(database, Post, link="javascript:alert(1)"),
    "dated in words": lambda database, _of, _client: _update(
        database, Post, posted_at=None, posted_at_text="<spring>"
    ),
    "undated": lambda database, _of, _client: _update(database, Post, posted_at=None, posted_at_text=None),
    "own keys": lambda _database, of, client: _own_keys(of, client),
    "strange texts": lambda database, _of, _client: (
        _update(database, Post, text=STRANGE),
        _update(database, Round, title=STRANGE),
    ),
}


def _without_token(page: str) -> str:
    return re.sub(r'(name="form_token" value=")[^"]*', r"\1", page)


@pytest.mark.parametrize("state", STATES)
def test_the_kept_frame_shows_what_the_template_shows(
    state: str,
    here: Study,
    cast: Cast,
    client_of: ClientOf,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = [client_of(cast.annotator), client_of(cast.other_annotator)]
    for client in people:
        for position in (1, 2, 3):
            client.get(here.path(position))  # The frames are made from other states than they serve.
        STATES[state](database, here, client)
    paths = [here.path(1), here.path("2?from=mine&words=%3Cb%3E&page=3"), here.path(3)]
    framed = [_without_token(client.get(path).text) for client in people for path in paths]
    monkeypatch.setattr(pages, "render_in_frame", render)
    assert framed == [_without_token(client.get(path).text) for client in people for path in paths]
    assert all('id="post-heading"' in page for page in framed)


def test_two_annotators_never_see_each_other_in_a_frame(here: Study, cast: Cast, client_of: ClientOf) -> None:
    one, other = client_of(cast.annotator), client_of(cast.other_annotator)
    post(one, here.path(1), opened(one, here.path(1)) | ANSWERS | {"memo": "mine alone"})
    assert "mine alone" in one.get(here.path(1)).text
    seen = other.get(here.path(1)).text
    assert "mine alone" not in seen
    assert 'class="tag on"' not in seen

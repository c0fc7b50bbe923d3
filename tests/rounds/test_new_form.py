"""The form for a round is calm: what most rounds leave as it is stands folded, and opens when it matters."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from server.db.engine import Database
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database

FIELDS: dict[str, Any] = {
    "title": "Pilot",
    "purpose": "pilot",
    "posts": "all",
    "annotators": ["3", "4"],
    "coders": "several",
    "k": "2",
    "order": "random",
    "seed": "7",
}
SOME_POSTS, MORE = "Only some posts: by field", "Order, last day, seed"
CREW = "Most posts of each, and the languages they read"
GROUPS = (SOME_POSTS, CREW, MORE)


@pytest.fixture
def lead(cast: Cast, database: Database, client_of: ClientOf) -> TestClient:
    with database.writing() as db:
        make.published(db, cast.project)
        make.posts(db, cast.project, 6)
    return client_of(cast.lead)


def opened(page: str) -> list[str]:
    """The groups that stand open, by the words on them."""
    groups = re.findall(r"<details([^>]*)>\s*<summary>([^<]+)</summary>", page)
    known = [(group, " open" in given) for group, (given, _words) in zip(GROUPS, groups, strict=True)]
    assert all(words.startswith(group) for group, (_given, words) in zip(GROUPS, groups, strict=True))
    return [words for words, is_open in known if is_open]


def test_what_most_rounds_leave_alone_is_folded(lead: TestClient, cast: Cast) -> None:
    new = f"/projects/{cast.project.key}/rounds/new"
    assert opened(lead.get(new).text) == []
    assert opened(lead.get(new, params=FIELDS).text) == []  # As one comes back from the preview.


@pytest.mark.parametrize(
    ("chosen", "group"),
    [
        ({"filter_field": "lang", "filter_values": "en"}, SOME_POSTS),
        ({"unused": "any"}, SOME_POSTS),
        ({"since": "2025-08-01"}, SOME_POSTS),
        ({"flagged": "unsure"}, SOME_POSTS),
        ({"quota-3": "5"}, CREW),
        ({"reads-4": "en, fr"}, CREW),
        ({"ends_on": "2031-05-09"}, MORE),
        ({"order": "thread"}, MORE),
    ],
)
def test_what_was_chosen_is_seen(lead: TestClient, cast: Cast, chosen: dict[str, str], group: str) -> None:
    new = f"/projects/{cast.project.key}/rounds/new"
    assert opened(lead.get(new, params=FIELDS | chosen).text) == [group]


@pytest.mark.parametrize(
    ("wrong", "group"),
    [
        ({"filter_values": "en"}, SOME_POSTS),
        ({"filter_field": "nowhere", "filter_values": "en"}, SOME_POSTS),
        ({"disputed": "open"}, SOME_POSTS),
        ({"flagged": "question"}, SOME_POSTS),
        ({"since": "2025-09-01", "until": "2025-08-01"}, SOME_POSTS),
        ({"until": "2024-08-01"}, SOME_POSTS),
        ({"quota-3": "no"}, CREW),
        ({"quota-3": "2"}, CREW),
        ({"reads-3": "fr"}, CREW),
        ({"language_field": "lang", "reads-3": "fr", "reads-4": "ar"}, CREW),
        ({"language_field": "lang", "reads-3": "en", "handing": "queue", "lease": "60"}, CREW),
        ({"seed": "-1"}, MORE),
        ({"ends_on": "soon"}, MORE),
        ({"order": "backwards"}, MORE),
        ({"requires": "x"}, MORE),
        ({"gold_share": "101"}, MORE),
    ],
)
def test_what_is_wrong_is_seen(lead: TestClient, cast: Cast, wrong: dict[str, str], group: str) -> None:
    page = lead.get(f"/projects/{cast.project.key}/rounds/new/preview", params=FIELDS | wrong)
    assert page.status_code == 422
    assert opened(page.text) == [group]


def test_there_is_a_last_day(lead: TestClient, cast: Cast) -> None:
    address = f"/projects/{cast.project.key}/rounds/new/preview"
    page = lead.get(address, params=FIELDS | {"until": "9999-12-31"}, follow_redirects=True)
    assert page.status_code == 200

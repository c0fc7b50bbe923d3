"""The form for a round is calm: what most rounds leave as it is stands folded, and opens when it matters."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from server.db.engine import Database
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf

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
SOME_POSTS, MORE = "in no round yet", "Order, last day, seed"


@pytest.fixture
def lead(cast: Cast, database: Database, client_of: ClientOf) -> TestClient:
    with database.writing() as db:
        make.published(db, cast.project)
        make.posts(db, cast.project, 6)
    return client_of(cast.lead)


def opened(page: str) -> list[str]:
    """The groups that stand open, by the words on them."""
    groups = re.findall(r"<details([^>]*)>\s*<summary>([^<]+)</summary>", page)
    known = [(SOME_POSTS if SOME_POSTS in words else words, " open" in given) for given, words in groups]
    assert [words for words, _is_open in known] == [SOME_POSTS, MORE]
    return [words for words, is_open in known if is_open]


def test_what_most_rounds_leave_alone_is_folded(lead: TestClient, cast: Cast) -> None:
    new = f"/projects/{cast.project.key}/rounds/new"
    assert opened(lead.get(new).text) == []
    assert opened(lead.get(new, params=FIELDS).text) == []  # As one comes back from the preview.


@pytest.mark.parametrize(
    ("chosen", "group"),
    [
        ({"filter_field": "lang", "filter_values": "en"}, SOME_POSTS),
        ({"leaves_out_used": "on"}, SOME_POSTS),
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

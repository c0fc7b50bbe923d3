"""Planning rounds with gold through the form."""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.db.engine import Database
from server.rounds.models import Round
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database
from tests.training.scene import Study, study

FORM = {"title": "T", "purpose": "training", "posts": "gold", "annotators": "3", "seed": "1"}


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast, n_gold=4, n_posts=40)


@pytest.fixture
def lead(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.lead)


def preview(lead: TestClient, of: Study, **fields: str) -> tuple[int, str]:
    path = f"/projects/{of.cast.project.key}/rounds/new/preview"
    answer = lead.get(path, params=FORM | fields, follow_redirects=True)
    return answer.status_code, answer.text


def test_a_training_is_previewed_and_opened(lead: TestClient, here: Study, database: Database) -> None:
    rule = {"passing_rule": "right", "pass_right": "3", "passing": "asks", "ends_on": "2031-05-09"}
    path = f"/projects/{here.cast.project.key}/rounds"
    page = lead.get(path + "/new/preview", params=FORM | rule, follow_redirects=True)
    assert "at least 3 posts entirely right; the lead is asked" in page.text
    assert "9 May 2031" in page.text
    assert post(lead, path, form_fields(page, "/rounds")).status_code == 303
    with database.reading() as db:
        found = db.scalars(select(Round).where(Round.title == "T")).one()
    assert found.shows_gold
    assert found.n_posts == 4
    assert found.ends_on == date(2031, 5, 9)


@on_one_database
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"purpose": "main"}, "Gold answers are shown in training only"),
        ({"gold_share": "5"}, "Silent gold is for rounds that count"),
        ({"purpose": "main", "posts": "all", "k": "1", "gold_share": "60"}, "at most 50"),
        ({"purpose": "main", "posts": "all", "k": "1", "gold_share": "20"}, "needs 9 posts with gold"),
        ({"passing_rule": "right"}, "Write how many posts have to be entirely right"),
        ({"passing_rule": "alpha"}, "Write how large alpha has to be"),
        ({"passing_rule": "alpha", "pass_alpha": "2"}, "at most 1"),
        ({"size": "5"}, "The sample cannot be larger"),
        ({"requires": "7"}, "This is no training round"),
        ({"requires": "x"}, "whole number"),
    ],
)
def test_what_cannot_be_is_said(lead: TestClient, here: Study, fields: dict[str, str], words: str) -> None:
    status, page = preview(lead, here, **fields)
    assert status == 422
    assert words in page


def test_alpha_with_gold_is_said_in_words(lead: TestClient, here: Study) -> None:
    rule = {"passing_rule": "alpha", "pass_alpha": "0,8", "pass_posts": "4"}
    status, page = preview(lead, here, **rule)
    assert status == 200
    assert "alpha with gold of at least 0.8 over at least 4 posts: each question" in page

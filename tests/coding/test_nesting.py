"""Codes under others on the coding form: which are folded away, and that each is an answer of its own."""

import re

import pytest
from fastapi.testclient import TestClient

from server.coding.folding import folded
from server.coding.questions import questions
from server.db.engine import Database
from tests import make
from tests.browse import post
from tests.cast import Cast
from tests.coding.desk import Study, opened, stored, study
from tests.stock import on_one_database

VARIABLES = {
    "expression": ("multiple", ("attachment", "friend", "lost", "family", "quality", "speed")),
    "stance": ("single", ("against", "angry", "favour")),
}
PARENTS = {
    "expression": {"friend": "attachment", "lost": "friend", "family": "attachment", "speed": "quality"},
    "stance": {"angry": "against"},
}


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast, book=make.published(db, cast.project, VARIABLES, parents=PARENTS))


def folded_in(client: TestClient, path: str) -> set[str]:
    """The values of the codes that the page folds away."""
    rows = re.findall(
        r'<div class="code[^"]* folded"[^>]*>\s*<input[^>]* value="([^"]*)"', client.get(path).text
    )
    return set(rows)


@on_one_database
@pytest.mark.parametrize(
    ("chosen", "hidden"),
    [
        ((), {"friend", "lost", "family", "speed"}),
        (("attachment",), {"lost", "speed"}),
        (("friend",), {"speed"}),
        (("lost",), {"speed"}),
        (("quality",), {"friend", "lost", "family"}),
        (("unknown",), {"friend", "lost", "family", "speed"}),
    ],
)
def test_a_code_is_shown_with_the_one_above_it_or_below(
    chosen: tuple[str, ...], hidden: set[str], here: Study
) -> None:
    assert folded(questions(here.book)[0], chosen) == hidden


def test_each_code_knows_what_stands_above_and_below(here: Study) -> None:
    expression, _stance = questions(here.book)
    assert [(each.value, each.parent, each.depth, each.n_below) for each in expression.choices] == [
        ("attachment", "", 0, 3),
        ("friend", "attachment", 1, 1),
        ("lost", "friend", 2, 0),
        ("family", "attachment", 1, 0),
        ("quality", "", 0, 1),
        ("speed", "quality", 1, 0),
    ]


def test_the_form_folds_what_nothing_chosen_leads_to(here: Study, client: TestClient) -> None:
    assert folded_in(client, here.path(1)) == {"friend", "lost", "family", "speed", "angry"}
    post(client, here.path("1/draft"), opened(client, here.path(1)) | {"v-expression": ["lost"]})
    assert folded_in(client, here.path(1)) == {"speed", "angry"}


def test_a_code_is_taken_without_the_one_above_it(
    here: Study, client: TestClient, database: Database, cast: Cast
) -> None:
    fields = opened(client, here.path(1)) | {"v-expression": ["lost", "quality"], "v-stance": "angry"}
    assert post(client, here.path(1), fields).status_code == 303
    assert stored(database, here, 1, cast.annotator).answers == [
        ("expression", "lost"),
        ("expression", "quality"),
        ("stance", "angry"),
    ]

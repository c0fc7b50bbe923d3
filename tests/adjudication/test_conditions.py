"""Disagreements where one annotator was asked a question and another was not."""

import pytest

from server.adjudication.bulk import propose
from server.adjudication.rules import Rule
from server.adjudication.scope import scope_of
from server.db.engine import Database
from tests import make
from tests.adjudication.conftest import KINDS, Study
from tests.adjudication.test_pages import desk_form
from tests.browse import post
from tests.cast import Cast
from tests.conftest import ClientOf

WHEN = {"stance": [("expression", "attachment")], "remark": [("stance", "against")]}
YES = {"expression": ["attachment"], "emotion": "2", "stance": "against"}
NO = {"expression": ["quality"], "emotion": "2"}


@pytest.fixture
def study(database: Database, cast: Cast) -> Study:
    """Two posts: on the first, one of three annotators was not asked the stance, on the second nobody."""
    with database.writing() as db:
        book = make.published(db, cast.project, KINDS, WHEN)
        found = Study(cast, cast.adjudicator, book, make.posts(db, cast.project, 2))
        found.main = found.open_round(db, found.posts, locked_at=make.MOMENT)
        found.code(db, 1, YES, {**YES, "stance": "favour"}, NO)
        found.code(db, 2, YES, NO, NO)
    return found


def test_the_card_of_who_was_not_asked_says_so(study: Study, client_of: ClientOf) -> None:
    page = client_of(study.cast.lead).get(study.path(1)).text
    assert page.count('<li dir="auto">not asked</li>') == 1
    assert "Asked only if “Expression” is “Attachment”." in page


def test_any_question_can_be_decided_in_any_order(study: Study, client_of: ClientOf) -> None:
    client = client_of(study.cast.lead)
    fields = desk_form(client.get(study.path(1))) | {"v-stance": ["favour"], "v-expression": ["quality"]}
    assert post(client, study.path(1), fields).status_code == 303


def test_not_to_be_asked_is_no_disagreement_on_the_question_itself(study: Study, database: Database) -> None:
    stance = study.book.variable_by_key["stance"].id
    with database.reading() as db:
        listed = study.queue(db, study.cast.lead).queue.listed
        differing = {each.post_id: stance in each.variable_ids for each in listed}
        accepted = propose(db, scope_of(db, study.cast.lead), Rule("majority", 2, "stance")).accepted
    assert differing == {make.id_of(study.posts[0]): True, make.id_of(study.posts[1]): False}
    assert list(accepted) == []

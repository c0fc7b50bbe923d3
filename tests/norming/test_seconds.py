"""Second codings after discussion: asked for, given, and kept away from everything that counts."""

import re
from itertools import product

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from server.db.engine import Database
from server.norming.models import SecondAnswer, SecondCoding
from server.rounds.models import Round
from tests.adjudication.conftest import Study
from tests.browse import post
from tests.conftest import ClientOf
from tests.norming.conftest import path
from tests.stock import on_one_database

UNTOUCHED = ("assignment", "coding", "coding_answer", "round_annotator", "decision", "standing_decision")
ANSWERS = {"v-stance": "favour", "v-emotion": "2", "v-hours": "3", "v-remark": "Read again."}
AGAIN: dict[str, str | list[str]] = {**ANSWERS, "v-expression": ["attachment", "quality"]}


def rows(database: Database) -> dict[str, list[str]]:
    """What the tables of the study hold."""
    with database.reading() as db:
        tables = [SQLModel.metadata.tables[name] for name in UNTOUCHED]
        return {table.name: sorted(str(row) for row in db.execute(select(table))) for table in tables}


def test_second_codings_are_asked_for_given_and_shown_apart(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    cast = revealed.cast
    lead, annotator, before = client_of(cast.lead), client_of(cast.annotator), rows(database)
    assert "Your second coding" not in annotator.get(path(revealed, "/1")).text
    refused = post(annotator, path(revealed, "/1/again"), AGAIN)
    assert refused.status_code == 422
    assert "not asked for" in refused.text
    assert post(lead, path(revealed), {"seconds": "open"}).status_code == 303
    assert "Close second codings" in lead.get(path(revealed)).text
    assert "you can answer again" in annotator.get(path(revealed)).text
    form = annotator.get(path(revealed, "/1")).text
    assert re.search(r'value="against" data-key="\w" checked', form), "with the keys of the coding page"
    assert post(annotator, path(revealed, "/1/again"), AGAIN).status_code == 303
    assert post(annotator, path(revealed, "/1/again"), AGAIN).status_code == 303
    page = client_of(cast.other_annotator).get(path(revealed, "/1")).text
    assert page.count(">after discussion</span>") == 1
    assert page.count(">changed answer</span>") == 5
    assert "Filled in is what you answered after the discussion." in annotator.get(path(revealed, "/1")).text
    assert rows(database) == before
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(SecondCoding)) == 1
        assert db.scalar(select(func.count()).select_from(SecondAnswer)) == 6
    for table, change in product(
        ("second_coding", "second_answer"), ("DELETE FROM {}", "UPDATE {} SET id = 9")
    ):
        with database.writing() as db, pytest.raises(DatabaseError, match="append-only"), db.begin_nested():
            db.connection().execute(text(change.format(table)))
    assert post(lead, path(revealed), {"seconds": "closed"}).status_code == 303
    assert post(annotator, path(revealed, "/1/again"), AGAIN | {"v-hours": "4"}).status_code == 422
    assert "Second codings are closed." in annotator.get(path(revealed)).text
    assert "after discussion" in annotator.get(path(revealed, "/1")).text
    history = lead.get(f"/projects/{cast.project.key}/history").text
    assert "asked for second codings after discussion" in history
    assert "gave a second coding after discussion" in history


@on_one_database
@pytest.mark.parametrize(
    ("number", "answers", "said"),
    [
        (1, {"v-hours": "many"}, "Write a number"),
        (1, {"v-stance": "nonsense"}, "not in the codebook"),
        (1, {"v-expression": ["quality"], "none-expression": "on"}, "cannot stand beside a code"),
        (1, {"v-nothing": "1"}, "a question that this codebook does not have"),
    ],
)
def test_a_second_coding_that_cannot_be_taken_is_kept(
    revealed: Study, client_of: ClientOf, number: int, answers: dict[str, str], said: str
) -> None:
    post(client_of(revealed.cast.lead), path(revealed), {"seconds": "open"})
    answer = post(client_of(revealed.cast.annotator), path(revealed, f"/{number}/again"), AGAIN | answers)
    assert answer.status_code == 422
    assert said in answer.text


def test_only_who_coded_the_post_codes_it_again(
    database: Database, revealed: Study, client_of: ClientOf
) -> None:
    cast, third = revealed.cast, client_of(revealed.third)
    assert post(client_of(cast.lead), path(revealed), {"seconds": "perhaps"}).status_code == 422
    post(client_of(cast.lead), path(revealed), {"seconds": "open"})
    assert "You did not code this post" in third.get(path(revealed, "/1")).text
    refused = post(third, path(revealed, "/1/again"), AGAIN)
    assert refused.status_code == 422
    assert "You did not code this post" in refused.text
    for other in (cast.viewer, cast.lead, cast.adjudicator):
        assert post(client_of(other), path(revealed, "/1/again"), AGAIN).status_code == 403
    assert post(client_of(cast.adjudicator), path(revealed), {"seconds": "open"}).status_code == 403
    with database.writing() as db:
        assert revealed.main is not None
        db.get_one(Round, revealed.main.id).revealed_at = None
    assert post(client_of(cast.annotator), path(revealed, "/1/again"), AGAIN).status_code == 403
    assert post(client_of(cast.lead), path(revealed), {"seconds": "closed"}).status_code == 403
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(SecondCoding)) == 0

"""What cannot be taken is said where it was typed, and kept."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, update

from server.codebooks.models import VariableEntry
from server.db.engine import Database
from server.rounds.models import Assignment, Round
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, opened, stored
from tests.coding.test_pages import lock
from tests.conftest import ClientOf
from tests.stock import on_one_database


@on_one_database
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"v-stance": []}, "Choose an answer."),
        ({"v-expression": []}, "Choose what applies, or “Nothing applies”."),
        ({"none-expression": "on"}, "cannot stand beside a code"),
        ({"v-stance": "elsewhere"}, "This answer is not in the codebook."),
        ({"v-stance": ["against", "favour"]}, "Choose one answer only."),
        ({"memo": "x" * 5_001}, "at most 5000 characters"),
        ({"v-unknown": "x"}, "a question that this codebook does not have"),
        ({"form_token": ""}, "without its token"),
        ({"revision": "first"}, "Some answers need another look."),
    ],
)
def test_bad_input_is_said_and_kept(
    changed: dict[str, Any], words: str, here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS | {"memo": "kept memo"} | changed

    page = post(client, here.path(1), fields)

    assert page.status_code == 422
    assert words in page.text
    again = form_fields(page, "/code/")
    assert again["v-emotion"] == ["2"]
    assert again["memo"] == [fields["memo"]]
    assert stored(database, here, 1, cast.annotator).revisions == []


def test_numbers_and_texts_are_checked_and_kept(cast: Cast, client: TestClient, database: Database) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"count": ("number", ()), "why": ("text", ())})
        db.execute(
            update(VariableEntry)
            .where(
                col(VariableEntry.version_id) == book.version_id,
                col(VariableEntry.variable_id) == book.variable_by_key["count"].id,
            )
            .values(minimum=0.0, maximum=5.0)
        )
        posts = make.posts(db, cast.project, 1)
        round_ = make.round_(db, cast.project, book, posts, [cast.annotator])
    database.memory.clear()
    here = Study(book, posts, round_, cast)

    for text, words in (("many", "Write a number, such as"), ("6", "at most 5"), ("-1", "at least 0")):
        page = post(
            client, here.path(1), opened(client, here.path(1)) | {"v-count": text, "v-why": "y" * 10_001}
        )
        assert page.status_code == 422
        assert words in page.text
        assert "at most 10000 characters" in page.text
        assert form_fields(page, "/code/")["v-count"] == [text]
    why = "a\0b \N{BROKEN HEART}"
    fields = opened(client, here.path(1)) | {"v-count": "2,5", "v-why": why}
    assert post(client, here.path(1), fields).status_code == 303
    assert stored(database, here, 1, cast.annotator).answers == [
        ("count", 2.5),
        ("why", "ab \N{BROKEN HEART}"),
    ]


def test_a_form_from_another_codebook(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    with database.writing() as db:
        book = make.published(db, cast.project)
        db.execute(
            update(Round).where(col(Round.id) == here.round.id).values(codebook_version_id=book.version_id)
        )

    page = post(client, here.path(1), fields)

    assert page.status_code == 409
    assert "made from codebook 1, and the round uses codebook 2" in page.text
    again = form_fields(page, "/code/")
    assert (again["v-stance"], again["codebook"]) == (["against"], ["2"])
    assert stored(database, here, 1, cast.annotator).revisions == []
    assert post(client, here.path(1), again).status_code == 303


def test_a_locked_round_takes_nothing_and_keeps_what_was_typed(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS | {"memo": "typed too late"}
    lock(database, here)

    page = post(client, here.path(1), fields)

    assert page.status_code == 409
    assert "The round is locked" in page.text
    assert "typed too late" in page.text
    assert post(client, here.path(1) + "/skip", fields | {"reason": "language"}).status_code == 409
    assert post(client, here.path(1) + "/draft", fields).status_code == 409
    assert stored(database, here, 1, cast.annotator).state == "queued"
    assert client.get(here.path()).headers["location"] == here.path("finished")
    assert "This round is locked" in client.get(here.path("finished")).text


def test_a_post_that_was_taken_back(here: Study, cast: Cast, client: TestClient, database: Database) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    with database.writing() as db:
        db.execute(
            update(Assignment)
            .where(
                col(Assignment.member_id) == cast.annotator.member_id,
                col(Assignment.position) == 1,
                col(Assignment.round_id) == here.round.id,
            )
            .values(state="withdrawn")
        )

    assert "taken back from you" in client.get(here.path(1)).text
    page = post(client, here.path(1), fields)
    assert page.status_code == 409
    assert "taken back from you" in page.text
    assert client.get(here.path()).headers["location"] == here.path(2)


@on_one_database
@pytest.mark.parametrize("number", ["abc", "0", "9" * 20])
def test_there_is_no_such_round_for_somebody_who_is_signed_out_either(
    here: Study, client_of: ClientOf, number: str
) -> None:
    path = here.path(1).replace("/rounds/1/", f"/rounds/{number}/")
    assert client_of(None).post(path, data={"coder": "x"}).status_code == 404


@on_one_database
def test_there_is_no_post_at_a_number_that_is_too_long_to_read(here: Study, client: TestClient) -> None:
    assert client.get(here.path("9" * 4_301)).status_code == 404

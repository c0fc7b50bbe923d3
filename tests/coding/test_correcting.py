"""What was submitted can be corrected, and a form that is sent twice is stored once."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.db.engine import Database
from server.history.models import HistoryEvent
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, stored
from tests.coding.test_pages import lock
from tests.stock import on_one_database


def test_a_coding_opens_as_it_was_and_becomes_a_new_revision(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1), memo="first thought", unsure="on")

    fields = opened(client, here.path(1))
    assert fields["v-expression"] == ["attachment", "quality"]
    assert (fields["v-emotion"], fields["memo"], fields["unsure"]) == (["2"], ["first thought"], ["on"])
    changed = fields | {"v-emotion": "3"}
    assert post(client, here.path(1), changed).status_code == 303

    found = stored(database, here, 1, cast.annotator)
    assert [each.revision for each in found.revisions] == [1, 2]
    assert ("emotion", "3") in found.answers
    assert found.counters == (1, 0)


def test_a_correction_that_changes_nothing_is_not_stored(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1), memo="kept", v_expression=["quality", "attachment"])
    fields = opened(client, here.path(1))
    post(client, here.path(1) + "/draft", fields)

    answer = post(
        client, here.path(1), fields | {"memo": " kept ", "v-expression": ["attachment", "quality"]}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(2))
    assert "Nothing had changed in your coding of post 1" in client.get(here.path(2)).text
    found = stored(database, here, 1, cast.annotator)
    assert ([each.revision for each in found.revisions], found.draft) == ([1], None)
    with database.reading() as db:
        assert db.exec(
            select(HistoryEvent.action)
            .where(HistoryEvent.chain == cast.project.id)
            .order_by(col(HistoryEvent.id))
        ).all() == ["coding.submit"]


@pytest.mark.parametrize(
    "changed",
    [
        {"v-expression": ["quality"]},
        {"v-expression": [], "none-expression": "on"},
        {"v-emotion": "3"},
        {"memo": "added"},
        {"unsure": "on"},
    ],
)
def test_every_change_is_a_correction(
    changed: dict[str, Any], here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1))

    post(client, here.path(1), opened(client, here.path(1)) | changed)

    assert [each.revision for each in stored(database, here, 1, cast.annotator).revisions] == [1, 2]
    assert "Your correction of post 1 is stored." in client.get(here.path(2)).text


def test_one_comes_back_to_ones_codings(here: Study, client: TestClient) -> None:
    coded(client, here.path(1), unsure="on")
    mine = here.path().replace("/code", "/mine")
    address = f"{here.path(1)}?from=mine&wanted=unsure&words=miss"
    assert (
        address.replace("&", "&amp;") in client.get(mine, params={"wanted": "unsure", "words": "miss"}).text
    )
    page = client.get(address)
    fields = dict(form_fields(page, "/code/1?from=mine&wanted=unsure&words=miss")) | {"memo": "corrected"}

    answer = post(client, address, fields)

    assert answer.headers["location"] == f"{mine}?wanted=unsure&words=miss"
    assert "Your correction of post 1 is stored." in client.get(mine).text


@on_one_database
@pytest.mark.parametrize("odd", ["from=elsewhere&words=x", "from=mine&page=0", "from=mine&page=x&wanted="])
def test_an_odd_address_does_no_harm(odd: str, here: Study, client: TestClient) -> None:
    answer = post(client, f"{here.path(1)}?{odd}", opened(client, f"{here.path(1)}?{odd}") | ANSWERS)

    assert client.get(answer.headers["location"]).status_code == 200
    assert "x" not in answer.headers["location"].partition("?")[2]


def test_the_same_form_twice_is_stored_once(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS

    answers = [post(client, here.path(1), fields) for _ in range(3)]

    assert [answer.headers["location"] for answer in answers] == [here.path(2)] * 3
    found = stored(database, here, 1, cast.annotator)
    assert (len(found.revisions), found.counters) == (1, (1, 0))


def test_the_same_form_after_the_lock_still_gives_its_result(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    post(client, here.path(1), fields)
    lock(database, here)

    assert post(client, here.path(1), fields).status_code == 303


def test_the_same_token_with_other_answers_shows_both(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    post(client, here.path(1), fields)

    page = post(client, here.path(1), fields | {"v-stance": "favour", "memo": "typed second"})

    assert page.status_code == 409
    assert "Against" in page.text
    assert "Favour" in page.text
    assert "typed second" in page.text
    assert len(stored(database, here, 1, cast.annotator).revisions) == 1
    again = dict(form_fields(page, "/code/"))
    assert post(client, here.path(1), again).status_code == 303
    found = stored(database, here, 1, cast.annotator)
    assert ("stance", "favour") in found.answers
    assert found.revisions[-1].memo == "typed second"


def test_two_tabs_show_both_versions(here: Study, cast: Cast, client: TestClient, database: Database) -> None:
    one, two = opened(client, here.path(1)), opened(client, here.path(1))
    post(client, here.path(1), one | ANSWERS)

    page = post(client, here.path(1), two | ANSWERS | {"v-stance": "favour"})

    assert page.status_code == 409
    assert "Two versions of your coding" in page.text
    assert len(stored(database, here, 1, cast.annotator).revisions) == 1


def test_a_token_of_another_post_does_no_harm(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1)) | ANSWERS
    post(client, here.path(1), fields)

    assert post(client, here.path(2), fields).status_code == 303
    assert stored(database, here, 2, cast.annotator).state == "submitted"

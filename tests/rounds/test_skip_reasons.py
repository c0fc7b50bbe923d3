"""The reasons for skipping: the usual ones, translated, until the lead changes the list."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from server.db.engine import Database
from server.history.models import HistoryEvent
from server.rounds.models import SkipReason
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.coding.desk import Study, study
from tests.conftest import ClientOf
from tests.stock import on_one_database


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast)


@pytest.fixture
def lead(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.lead)


def address(cast: Cast) -> str:
    return f"/projects/{cast.project.key}/settings/skip-reasons"


def fields_of(client: TestClient, cast: Cast) -> dict[str, Any]:
    return dict(form_fields(client.get(address(cast)), "/skip-reasons"))


def save(client: TestClient, cast: Cast, **changed: Any) -> int:
    fields = fields_of(client, cast) | {name.replace("_", "-"): value for name, value in changed.items()}
    return post(client, address(cast), fields).status_code


def offered(client: TestClient, here: Study) -> list[str]:
    options = client.get(here.path(1)).text.split('name="reason"')[1].split("</select>")[0]
    return [each.split("</option>")[0].split(">")[1] for each in options.split("<option")[2:]]


def test_the_list_is_reworded_ordered_lengthened_and_shortened(
    here: Study, cast: Cast, lead: TestClient, client_of: ClientOf, database: Database
) -> None:
    annotator = client_of(cast.annotator)
    assert offered(annotator, here)[0] == "Not in my language"

    assert save(lead, cast, label_unreadable="Only a picture", place_unreadable="0", added="An <ad>") == 303
    assert save(lead, cast, offered_language=[], place_distressing="0") == 303

    assert offered(annotator, here) == [
        "Too distressing for me",
        "Only a picture",
        "Not about the topic",
        "Another reason",
        "An &lt;ad&gt;",
    ]
    assert post(annotator, here.path(1) + "/skip", {"reason": "language"}).status_code == 422
    assert (
        post(annotator, here.path(1) + "/skip", {"reason": "own-1", "reason_words": "soap"}).status_code
        == 303
    )
    assert "An &lt;ad&gt;: soap" in annotator.get(here.path(1)).text
    assert "An &lt;ad&gt;: soap" in annotator.get(here.path().replace("/code", "/mine")).text
    assert "An &lt;ad&gt;: soap" in lead.get(f"/projects/{cast.project.key}/rounds/1").text
    with database.reading() as db:
        events = db.exec(select(HistoryEvent.action).order_by(col(HistoryEvent.id))).all()
    assert events.count("project.edit_skip_reasons") == 2
    assert "Only a picture" in lead.get(f"/projects/{cast.project.key}/history").text


def test_a_reason_that_is_offered_no_longer_is_still_said(
    here: Study, cast: Cast, lead: TestClient, client_of: ClientOf
) -> None:
    annotator = client_of(cast.annotator)
    save(lead, cast, added="An ad")
    post(annotator, here.path(1) + "/skip", {"reason": "own-1"})

    save(lead, cast, **{"offered-own-1": []})

    assert "An ad" not in offered(annotator, here)
    assert "<span>An ad</span>" in annotator.get(here.path(1)).text
    assert save(lead, cast, **{"offered-own-1": "on"}) == 303
    assert "An ad" in offered(annotator, here)


def test_distress_is_always_a_reason(here: Study, cast: Cast, lead: TestClient, client_of: ClientOf) -> None:
    gone: dict[str, Any] = {
        f"offered-{key}": [] for key in ("language", "unreadable", "off_topic", "distressing", "other")
    }

    assert post(lead, address(cast), fields_of(lead, cast) | gone).status_code == 303

    assert offered(client_of(cast.annotator), here) == ["Too distressing for me"]


def test_words_that_are_not_changed_stay_translated(
    here: Study, cast: Cast, lead: TestClient, client_of: ClientOf, database: Database
) -> None:
    save(lead, cast, added="An ad")
    save(lead, cast, label_other="")

    french = client_of(cast.annotator).get(here.path(1), headers={"accept-language": "fr"}).text
    assert "An ad" in french
    assert "Not in my language" not in french
    with database.reading() as db:
        assert sorted(db.exec(select(SkipReason.label)).all()) == ["", "", "", "", "", "An ad"]


@on_one_database
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"added": "x" * 81}, "at most 80 characters"),
        ({"label-language": "x" * 81}, "at most 80 characters"),
        ({"place-language": "first"}, "Not in my language: Please write a whole number."),
        ({"place-language": ""}, "Please write a whole number."),
        ({"label-tired": "x"}, "changed elsewhere"),
    ],
)
def test_what_cannot_be_offered_is_said_and_nothing_saved(
    changed: dict[str, str], words: str, cast: Cast, lead: TestClient, database: Database
) -> None:
    page = post(lead, address(cast), fields_of(lead, cast) | changed)

    assert page.status_code == 422
    assert words in page.text
    with database.reading() as db:
        assert db.exec(select(SkipReason)).all() == []


def test_a_new_reason_needs_words_and_the_list_an_end(cast: Cast, lead: TestClient) -> None:
    for number in range(15):
        assert save(lead, cast, added=f"Reason {number}") == 303
    assert save(lead, cast, added="One more") == 422
    assert save(lead, cast, **{"label-own-1": " "}) == 422


def test_another_project_keeps_its_own_list(
    here: Study, cast: Cast, lead: TestClient, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        other = make.project(db, "Another")
        member = make.member(db, other, cast.lead.role, "other_lead")
    save(lead, cast, added="An ad")
    assert "An ad" not in client_of(member).get(f"/projects/{other.key}/settings/skip-reasons").text
    assert here


def test_the_names_of_the_fields_stand_once_and_are_heard_with_each(cast: Cast, lead: TestClient) -> None:
    page = lead.get(address(cast)).text
    assert page.count(">Words<") == page.count(">Place<") == page.count(">Offered<") == 1
    assert 'aria-label="Words: Not in my language"' in page
    assert 'aria-label="Offered: Not in my language"' in page


def test_what_is_wrong_with_a_reason_names_it(cast: Cast, lead: TestClient) -> None:
    page = post(lead, address(cast), fields_of(lead, cast) | {"label-language": "x" * 81}).text
    assert '<a href="#f-label-language">Not in my language: This is too long' in page
    assert 'aria-describedby="f-label-language-error"' in page
    assert "x" * 81 in page

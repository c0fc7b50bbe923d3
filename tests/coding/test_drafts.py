"""What is not finished is kept as a draft, or skipped."""

import pytest
from fastapi.testclient import TestClient

from server.db.engine import Database
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, stored
from tests.conftest import ClientOf
from tests.stock import on_one_database

# Drafts


def test_a_draft_is_kept_and_goes_with_the_submission(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    fields = opened(client, here.path(1))
    draft = fields | {"v-expression": ["quality"], "memo": "half a thought"}

    assert post(client, here.path(1) + "/draft", draft).status_code == 204
    assert post(client, here.path(1) + "/draft", draft | {"memo": "more"}).status_code == 204

    again = opened(client, here.path(1))
    assert (again["v-expression"], again["memo"]) == (["quality"], ["more"])
    kept = stored(database, here, 1, cast.annotator)
    assert (kept.state, kept.revisions) == ("queued", [])
    assert "form_key" not in kept.draft.typed if kept.draft else False
    coded(client, here.path(1))
    assert stored(database, here, 1, cast.annotator).draft is None


def test_a_draft_older_than_the_submission_is_not_kept(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    old = opened(client, here.path(1))
    coded(client, here.path(1))

    assert post(client, here.path(1) + "/draft", old | {"memo": "late"}).status_code == 409
    assert opened(client, here.path(1))["memo"] == [""]


def test_a_correction_can_be_a_draft(here: Study, cast: Cast, client: TestClient) -> None:
    coded(client, here.path(1), memo="submitted")
    draft = opened(client, here.path(1)) | {"memo": "corrected"}

    assert post(client, here.path(1) + "/draft", draft).status_code == 204
    assert opened(client, here.path(1))["memo"] == ["corrected"]


def test_an_unfinished_correction_is_said_and_can_be_discarded(
    here: Study, cast: Cast, client: TestClient, client_of: ClientOf, database: Database
) -> None:
    coded(client, here.path(1), memo="submitted")
    coded(client, here.path(2))
    mine = here.path().replace("/code", "/mine")
    assert '<span class="unfinished idle"' in client.get(here.path(1)).text
    assert "Nothing found" in client.get(mine, params={"wanted": "unfinished"}).text

    post(client, here.path(1) + "/draft", opened(client, here.path(1)) | {"memo": "corrected"})

    assert '<span class="unfinished"' in client.get(here.path(1)).text
    assert client.get(mine).text.count("correction not submitted yet</span>") == 1
    assert "One post" in client.get(mine, params={"wanted": "unfinished"}).text
    assert post(client_of(cast.other_annotator), here.path(1) + "/discard").status_code == 303
    assert stored(database, here, 1, cast.annotator).draft is not None

    answer = post(client, here.path(1) + "/discard")

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(1))
    assert opened(client, here.path(1))["memo"] == ["submitted"]
    found = stored(database, here, 1, cast.annotator)
    assert ([each.revision for each in found.revisions], found.draft) == ([1], None)


def test_a_huge_draft_is_refused(here: Study, client: TestClient) -> None:
    draft = opened(client, here.path(1)) | {"memo": "x" * 200_001}

    assert post(client, here.path(1) + "/draft", draft).status_code == 422
    assert opened(client, here.path(1))["memo"] == [""]


# Skipping


def test_a_post_can_be_skipped_and_taken_up_again(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    answer = post(client, here.path(1) + "/skip", {"reason": "distressing", "reason_words": "too sad"})

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(2))
    skipped = stored(database, here, 1, cast.annotator)
    assert (skipped.state, skipped.skip_reason, skipped.counters) == (
        "skipped",
        "distressing: too sad",
        (0, 1),
    )
    assert "Too distressing for me: too sad" in client.get(here.path(1)).text
    coded(client, here.path(1))
    taken_up = stored(database, here, 1, cast.annotator)
    assert (taken_up.state, taken_up.skip_reason, taken_up.counters) == ("submitted", None, (1, 0))


@on_one_database
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose why you skip this post."),
        ({"reason": "tired"}, "Choose why you skip this post."),
        ({"reason": "other"}, "Say in a few words why."),
        ({"reason": "other", "reason_words": "x" * 501}, "at most 500 characters"),
    ],
)
def test_a_skip_needs_its_reason(
    fields: dict[str, str], words: str, here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    page = post(client, here.path(1) + "/skip", ANSWERS | {"memo": "kept"} | fields)

    assert page.status_code == 422
    assert words in page.text
    assert form_fields(page, "/code/")["memo"] == ["kept"]
    assert stored(database, here, 1, cast.annotator).state == "queued"


def test_a_skip_without_the_answers_keeps_those_of_the_draft(here: Study, client: TestClient) -> None:
    post(client, here.path(1) + "/draft", opened(client, here.path(1)) | {"memo": "typed before"})

    page = post(client, here.path(1) + "/skip", {"reason": "other"})

    assert page.status_code == 422
    assert form_fields(page, "/code/")["memo"] == ["typed before"]


def test_the_address_of_a_refused_skip_leads_to_the_post(here: Study, client: TestClient) -> None:
    answer = client.get(here.path(1) + "/skip")

    assert (answer.status_code, answer.headers["location"]) == (303, here.path(1))


def test_what_was_coded_is_corrected_and_not_skipped(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1))

    page = post(client, here.path(1) + "/skip", {"reason": "language"})

    assert page.status_code == 422
    assert "You have coded this post already" in page.text
    assert stored(database, here, 1, cast.annotator).counters == (1, 0)

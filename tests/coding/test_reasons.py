"""Why a coding was corrected: asked of corrections only, kept with them, shown to those who may see it."""

import json

from fastapi.testclient import TestClient
from sqlmodel import col, select, update

from server.accounts.models import Account
from server.accounts.passwords import hash_password
from server.db.engine import Database
from server.exchange.downloads.files import data_file
from server.exchange.downloads.wanted import Wanted, What
from server.history.models import HistoryEvent
from server.rounds.models import Round
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.coding.desk import ANSWERS, Study, coded, opened, stored
from tests.coding.test_kept import PASSWORD, entered, name_of, sign_everybody_out
from tests.conftest import ClientOf

ASKED = "Why do you correct it?"
WHY = "I had missed the <irony>."


def correct(client: TestClient, here: Study, **changed: str) -> None:
    fields = opened(client, here.path(1)) | {"v-stance": "favour", "correction_reason": WHY} | changed
    assert post(client, here.path(1), fields).status_code == 303


def test_only_a_correction_is_asked_for_its_reason(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    assert ASKED not in client.get(here.path(1)).text
    coded(client, here.path(1), correction_reason="forged")
    assert ASKED in client.get(here.path(1)).text

    correct(client, here)

    found = stored(database, here, 1, cast.annotator).revisions
    assert [each.reason for each in found] == ["", WHY]
    assert opened(client, here.path(1))["correction_reason"] == [""]
    assert "I had missed the &lt;irony&gt;." in client.get(here.path().replace("/code", "/mine")).text
    with database.writing() as db:
        events = db.exec(
            select(HistoryEvent.details)
            .where(HistoryEvent.action == "coding.correct")
            .order_by(col(HistoryEvent.id))
        ).all()
        db.execute(update(Round).values(locked_at=col(Round.opened_at)))
    # The reason is no word of the history; what the coding says stands there by its hash.
    assert [sorted(json.loads(event)) for event in events] == [["contents", "revision"]]
    assert ASKED not in client.get(here.path(1)).text


def test_a_reason_alone_is_no_correction(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1))
    post(client, here.path(1), opened(client, here.path(1)) | {"correction_reason": WHY})
    assert len(stored(database, here, 1, cast.annotator).revisions) == 1


def test_a_long_reason_is_refused_at_its_place_and_kept(here: Study, client: TestClient) -> None:
    coded(client, here.path(1))
    long = "so " * 200
    page = post(client, here.path(1), opened(client, here.path(1)) | {"correction_reason": long})
    assert page.status_code == 422
    assert page.text.count("at most 500 characters") == 2  # In the list of problems, and at the field.
    assert form_fields(page, "/code/")["correction_reason"] == [long]


def test_a_draft_keeps_the_reason(here: Study, client: TestClient) -> None:
    coded(client, here.path(1))
    fields = opened(client, here.path(1)) | {"correction_reason": WHY}
    assert post(client, here.path(1) + "/draft", fields).status_code == 204
    assert opened(client, here.path(1))["correction_reason"] == [WHY]


def test_the_reason_is_carried_through_a_new_sign_in(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    coded(client, here.path(1))
    fields = opened(client, here.path(1)) | {"v-stance": "favour", "correction_reason": WHY}
    with database.writing() as db:
        db.execute(update(Account).values(password_hash=hash_password(PASSWORD)))
    sign_everybody_out(database)

    page = entered(client, client.post(here.path(1), data=fields), name_of(database, cast.annotator))

    assert form_fields(page, "/code/")["correction_reason"] == [WHY]


def test_two_versions_ask_for_the_reason_and_keep_it(
    here: Study, cast: Cast, client: TestClient, database: Database
) -> None:
    late = opened(client, here.path(1)) | ANSWERS | {"v-stance": "favour"}
    coded(client, here.path(1))
    page = post(client, here.path(1), late)
    assert (page.status_code, ASKED in page.text) == (409, True)
    late = form_fields(page, "/code/") | {"correction_reason": WHY}
    correct(client, here, memo="meanwhile")

    again = post(client, here.path(1), late)

    assert form_fields(again, "/code/")["correction_reason"] == [WHY]
    assert post(client, here.path(1), form_fields(again, "/code/")).status_code == 303
    assert stored(database, here, 1, cast.annotator).revisions[-1].reason == WHY


def test_reviewers_and_the_download_see_the_reason(
    here: Study, cast: Cast, client: TestClient, client_of: ClientOf, database: Database
) -> None:
    coded(client, here.path(1))
    coded(client_of(cast.other_annotator), here.path(1), v_stance="ambivalent")
    correct(client, here)

    page = client_of(cast.adjudicator).get(f"/projects/{cast.project.key}/disagreements/1").text
    assert "I had missed the &lt;irony&gt;." in page
    with database.reading() as db, data_file(db, cast.lead, Wanted(What.CODINGS)) as file:
        head, *lines = file.read().decode().splitlines()
    assert head.endswith(",memo,correction_reason,evidence,is_extra")
    assert any(line.endswith(f",{WHY},,0") for line in lines)

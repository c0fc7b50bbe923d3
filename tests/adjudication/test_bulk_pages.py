"""Many posts are decided at once, as a browser without scripts sees it."""

import re

import pytest

from server.db.engine import Database
from tests.adjudication.conftest import Study
from tests.adjudication.test_pages import _decided, desk_form, rows
from tests.browse import form_fields, post
from tests.conftest import ClientOf
from tests.stock import on_one_database


@on_one_database
def test_a_rule_is_previewed_accepted_and_undone(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    client = client_of(disputed.cast.lead)
    bulk = disputed.path(rest="/bulk")
    assert "What this rule would decide" not in client.get(bulk).text
    preview = client.get(bulk, params={"rule": "majority", "minimum": "2"})
    assert re.search(r"Accept these 4\b", preview.text)
    answer = post(client, bulk, form_fields(preview, bulk))
    assert answer.status_code == 303
    assert _decided(database, disputed) == 4
    done = client.get(bulk)
    assert "4 of 4 stand" in done.text
    undone = post(client, disputed.path(rest="/bulk/1/undo"))
    assert undone.status_code == 303
    assert _decided(database, disputed) == 8
    again = post(client, disputed.path(rest="/bulk/1/undo"))
    assert again.status_code == 422
    assert "undone before" in again.text
    assert post(client, disputed.path(rest="/bulk/9/undo")).status_code == 404


@on_one_database
@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"rule": "nonsense"}, "Please choose one of the answers offered."),
        ({"rule": "majority", "minimum": "1"}, "This must be at least 2."),
        ({"rule": "majority", "minimum": "many"}, "Please write a whole number."),
        ({"rule": "majority", "variable": "nonsense"}, "This question is not in the codebook."),
    ],
)
def test_a_rule_that_cannot_be_is_said_at_its_field(
    database: Database, disputed: Study, client_of: ClientOf, rule: dict[str, str], said: str
) -> None:
    client = client_of(disputed.cast.lead)
    before = rows(database)
    shown = client.get(disputed.path(rest="/bulk"), params=rule)
    sent = post(client, disputed.path(rest="/bulk"), rule)
    assert said in shown.text
    assert said in sent.text
    assert (shown.status_code, sent.status_code) == (422, 422)
    assert rows(database) == before


@on_one_database
def test_a_preview_that_changed_is_shown_again(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    client = client_of(disputed.cast.lead)
    bulk = disputed.path(rest="/bulk")
    fields = form_fields(client.get(bulk, params={"rule": "majority"}), bulk)
    path = disputed.path(1)
    post(client, path, desk_form(client.get(path)))
    answer = post(client, bulk, fields)
    assert answer.status_code == 409
    assert "has changed since the preview" in answer.text
    assert re.search(r"Accept these 3\b", answer.text)
    assert _decided(database, disputed) == 1
    assert post(client, bulk, form_fields(answer, bulk)).status_code == 303


@on_one_database
@pytest.mark.parametrize("page", ["999999", "99999999999999999999", "0", "x"])
def test_the_list_ends_where_it_ends(disputed: Study, client_of: ClientOf, page: str) -> None:
    shown = client_of(disputed.cast.lead).get(disputed.path(rest=f"?page={page}"))
    assert shown.status_code == 200
    assert "3 posts" in shown.text

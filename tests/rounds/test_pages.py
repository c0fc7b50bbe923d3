"""The pages of rounds as people use them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from server.accounts.models import Account
from server.accounts.names import unusable_name
from server.db.engine import Database
from server.projects.models import Member
from server.projects.roles import Role
from server.rounds import queries
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database

FIELDS: dict[str, Any] = {
    "title": "Pilot on <b>six</b>",
    "purpose": "pilot",
    "posts": "all",
    "annotators": ["3", "4"],
    "coders": "several",
    "k": "2",
    "seed": "7",
}


@pytest.fixture
def study(cast: Cast, database: Database) -> Cast:
    with database.writing() as db:
        make.published(db, cast.project)
        make.posts(db, cast.project, 6)
    return cast


def at(cast: Cast, path: str = "") -> str:
    return f"/projects/{cast.project.key}/rounds{path}"


def opened(study: Cast, database: Database, **fields: Any) -> None:
    """A round coded in by the two annotators, made without the pages under test."""
    with database.writing() as db:
        book, posts = make.published(db, study.project), make.posts(db, study.project, 2)
        row = make.round_(db, study.project, book, posts, [study.annotator, study.other_annotator], **fields)
        answers = {"expression": [], "emotion": "1", "stance": "favour"}
        make.coding(db, book, row, posts[0], study.annotator, answers, is_unsure=True)


def rounds_of(cast: Cast, database: Database) -> list[tuple[int, str]]:
    with database.reading() as db:
        return [(line.number, line.state) for line in queries.rounds(db, cast.lead)]


def preview(client: TestClient, study: Cast, **changes: Any) -> Response:
    page: Response = client.get(at(study, "/new/preview"), params=FIELDS | changes)
    return client.get(page.headers["location"]) if page.status_code == 303 else page


@on_one_database
def test_a_preview_keeps_nobody_from_writing(study: Cast, database: Database, client_of: ClientOf) -> None:
    lead = client_of(study.lead)
    with database.writing():
        assert preview(lead, study).status_code == 200


@on_one_database
def test_an_empty_list_says_what_to_do_first(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lead).get(at(cast))
    assert page.status_code == 200
    assert "No round yet" in page.text
    assert at(cast, "/new") in page.text
    assert at(cast, "/new") not in client_of(cast.viewer).get(at(cast)).text


@on_one_database
def test_the_list_shows_progress(study: Cast, database: Database, client_of: ClientOf) -> None:
    opened(study, database, title="<i>Main</i> round")
    page = client_of(study.viewer).get(at(study))
    assert "&lt;i&gt;Main&lt;/i&gt; round" in page.text
    assert "1 of 4" in page.text


@on_one_database
def test_a_reviewer_who_codes_finds_their_rounds(
    study: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        book, posts = make.published(db, study.project), make.posts(db, study.project, 1)
        make.round_(db, study.project, book, posts, [study.adjudicator, study.annotator])
    page = client_of(study.adjudicator).get(at(study))
    assert "Yours to code" in page.text
    assert "Yours to code" not in client_of(study.lead).get(at(study)).text


@on_one_database
def test_the_form_offers_what_the_project_has(study: Cast, client_of: ClientOf) -> None:
    page = client_of(study.lead).get(at(study, "/new"))
    fields = form_fields(page, at(study, "/new/preview"), "get")
    assert fields["title"] == ["Round 1"]
    assert fields["annotators"] == ["3", "4"]
    assert [number for number in "12345" if f'name="annotators" value="{number}"' in page.text] == [*"1234"]
    assert '<option value="lang"' in page.text


@on_one_database
def test_who_cannot_sign_in_is_not_asked_to_code(
    study: Cast, database: Database, client_of: ClientOf
) -> None:
    with database.writing() as db:
        crowd = make.member(db, study.project, Role.ANNOTATOR, "crowd01")
        db.get_one(Account, crowd.account_id).name = unusable_name(study.project.key, "crowd01")
    client = client_of(study.lead)
    page = client.get(at(study, "/new"))
    assert form_fields(page, at(study, "/new/preview"), "get")["annotators"] == ["3", "4"]
    assert "Crowd01" not in page.text
    assert "1 annotator is left out" in page.text
    assert preview(client, study, annotators=["3", "6"]).status_code == 422


@on_one_database
@pytest.mark.parametrize("missing", ["codebook", "posts"])
def test_the_form_says_what_is_missing(
    cast: Cast, database: Database, client_of: ClientOf, missing: str
) -> None:
    if missing == "posts":
        with database.writing() as db:
            make.published(db, cast.project)
    client = client_of(cast.lead)
    page = client.get(at(cast, "/new"))
    assert page.status_code == 200
    assert {"codebook": "No codebook is published yet", "posts": "There are no posts yet"}[
        missing
    ] in page.text
    assert preview(client, cast).status_code == 422


@on_one_database
def test_the_preview_shows_the_plan_and_writes_nothing(
    study: Cast, database: Database, client_of: ClientOf
) -> None:
    client = client_of(study.lead)
    page = preview(client, study, k="1", coders="share", double_share="50 %", seed="")
    assert page.status_code == 200
    assert "Pilot on &lt;b&gt;six&lt;/b&gt;" in page.text
    assert "1, and 2 for 50 % of the posts" in page.text
    seed = form_fields(page, at(study))["seed"]
    assert f"<dd>{seed[0]}</dd>" in page.text
    assert rounds_of(study, database) == []


@on_one_database
def test_the_preview_is_opened_once(study: Cast, database: Database, client_of: ClientOf) -> None:
    client = client_of(study.lead)
    fields = form_fields(preview(client, study), at(study))
    answers = [post(client, at(study), fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert {answer.headers["location"] for answer in answers} == {at(study, "/1")}
    assert rounds_of(study, database) == [(1, "open")]
    shown = client.get(at(study, "/1"))
    assert "The round is open." in shown.text
    assert "Pilot on &lt;b&gt;six&lt;/b&gt;" in shown.text


@on_one_database
def test_one_comes_back_to_a_preview(study: Cast, database: Database, client_of: ClientOf) -> None:
    client = client_of(study.lead)
    drawn = client.get(at(study, "/new/preview"), params=FIELDS | {"seed": ""})
    assert drawn.status_code == 303
    address = drawn.headers["location"]
    page = client.get(address)
    assert form_fields(page, at(study)) == form_fields(client.get(address), at(study))
    post(client, at(study), form_fields(page, at(study)))
    back = client.get(address)
    assert "Round 1 was opened from this preview." in back.text
    assert "Open the round" not in back.text
    assert rounds_of(study, database) == [(1, "open")]


@on_one_database
def test_a_preview_can_be_changed(study: Cast, client_of: ClientOf) -> None:
    client = client_of(study.lead)
    changed = {"annotators": ["4"], "k": "1", "unused": "any", "posts": "sample", "size": "3"}
    kept = form_fields(preview(client, study, **changed), at(study))
    del kept["token"], kept["fingerprint"], kept["form_key"]
    form = form_fields(client.get(at(study, "/new"), params=kept), at(study, "/new/preview"), "get")
    for name, value in {**FIELDS, **changed}.items():
        assert form[name] == (value if isinstance(value, list) else [value])


@on_one_database
@pytest.mark.parametrize("what", ["posts", "codebook", "tampered"])
def test_a_stale_preview_is_shown_anew(
    study: Cast, database: Database, client_of: ClientOf, what: str
) -> None:
    client = client_of(study.lead)
    fields = form_fields(preview(client, study), at(study))
    if what == "tampered":
        fields["seed"] = ["8"]
    else:
        with database.writing() as db:
            make.posts(db, study.project, 1) if what == "posts" else make.published(db, study.project)
    page = post(client, at(study), fields)
    assert page.status_code == 409
    assert "Nothing was opened" in page.text
    assert rounds_of(study, database) == []
    assert post(client, at(study), form_fields(page, at(study))).status_code == 303
    assert rounds_of(study, database) == [(1, "open")]


@on_one_database
def test_a_preview_whose_annotator_left_is_refused(
    study: Cast, database: Database, client_of: ClientOf
) -> None:
    client = client_of(study.lead)
    fields = form_fields(preview(client, study), at(study))
    with database.writing() as db:
        db.get_one(Member, study.annotator.member_id).is_active = False
    page = post(client, at(study), fields)
    assert page.status_code == 422
    assert "Choose again" in page.text
    assert form_fields(page, at(study, "/new/preview"), "get")["title"] == [FIELDS["title"]]
    assert rounds_of(study, database) == []


@on_one_database
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "Please fill this in."),
        ({"title": "\0"}, "Please fill this in."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"purpose": "fun"}, "Please choose one of the answers offered."),
        ({"annotators": []}, "Choose at least one annotator."),
        ({"annotators": ["3", "99"]}, "Choose again."),
        ({"annotators": ["9" * 30]}, "at most"),
        ({"annotators": ["x"]}, "Please write a whole number."),
        ({"k": ""}, "Write how many annotators each post should have."),
        ({"k": "3"}, "Choose at most 2."),
        ({"k": "two"}, "Please write a whole number."),
        ({"coders": "share", "double_share": ""}, "Write which share"),
        ({"coders": "share", "double_share": "101"}, "This must be at most 100"),
        ({"coders": "share", "double_share": "nan"}, "This must be at least 0."),
        ({"coders": "share", "double_share": "15", "annotators": ["3"]}, "at least two annotators"),
        ({"posts": "sample", "size": ""}, "Write how many posts the sample should have."),
        ({"posts": "sample", "size": "7"}, "The sample cannot be larger"),
        ({"filter_field": "lang", "filter_values": ""}, "Write at least one value"),
        ({"filter_field": "", "filter_values": "en"}, "Choose the field"),
        ({"filter_field": "lang", "filter_values": "xx"}, "Frequent values there: en."),
        ({"filter_field": "no\0pe", "filter_values": "xx"}, "No post has a field of this name."),
        ({"seed": "-1"}, "This must be at least 0."),
        ({"seed": "9" * 40}, "This must be at most"),
    ],
)
def test_bad_input_keeps_what_was_typed(
    study: Cast, database: Database, client_of: ClientOf, changes: dict[str, Any], sentence: str
) -> None:
    page = preview(client_of(study.lead), study, **changes)
    assert page.status_code == 422
    assert sentence in page.text
    fields = form_fields(page, at(study, "/new/preview"), "get")
    for name in ("title", "k", "seed"):
        assert fields[name] == [(FIELDS | changes)[name].replace("\0", "")]  # No text has a NUL in it.
    assert rounds_of(study, database) == []


@on_one_database
def test_opening_without_a_preview_is_refused(study: Cast, database: Database, client_of: ClientOf) -> None:
    page = post(client_of(study.lead), at(study), FIELDS)
    assert page.status_code == 422
    assert rounds_of(study, database) == []


PAGES = ["", "/new", "/1"]


@on_one_database
@pytest.mark.parametrize("is_imported", [True, False])
def test_a_round_in_which_nobody_could_code_is_not_opened_again(
    study: Cast, database: Database, client_of: ClientOf, is_imported: bool
) -> None:
    opened(study, database, locked_at=make.MOMENT, is_imported=is_imported)
    with database.writing() as db:
        for annotator in (study.annotator, study.other_annotator):
            name = unusable_name(study.project.key, str(annotator.account_id))
            db.get_one(Account, annotator.account_id).name = name
    client = client_of(study.lead)
    page = client.get(at(study, "/1")).text
    assert "cannot be opened again" in page
    assert ("came from a file" in page) is is_imported
    assert "Open it again" not in page
    assert post(client, at(study, "/1/reopen")).status_code == 422
    assert rounds_of(study, database) == [(1, "locked")]


STEPS = ["", "/1/lock", "/1/reopen", "/1/reveal", "/1/withdraw"]


@on_one_database
@pytest.mark.parametrize("path", PAGES)
def test_outsiders_find_nothing(study: Cast, database: Database, client_of: ClientOf, path: str) -> None:
    opened(study, database)
    with database.writing() as db:
        outsider = make.member(db, make.project(db), study.lead.role, "outsider")
    assert client_of(outsider).get(at(study, path)).status_code == 404
    assert client_of(None).get(at(study, path)).status_code == 303
    assert client_of(study.annotator).get(at(study, path)).status_code == 403


@on_one_database
@pytest.mark.parametrize("path", STEPS)
def test_only_the_lead_may_do_anything(
    study: Cast, database: Database, client_of: ClientOf, path: str
) -> None:
    opened(study, database)
    with database.writing() as db:
        outsider = make.member(db, make.project(db), study.lead.role, "outsider")
    for member in (study.adjudicator, study.annotator, study.viewer):
        assert post(client_of(member), at(study, path), FIELDS).status_code == 403
    assert post(client_of(outsider), at(study, path), FIELDS).status_code == 404
    assert rounds_of(study, database) == [(1, "open")]


@on_one_database
@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "9" * 30])
def test_a_round_that_is_not_there(study: Cast, database: Database, client_of: ClientOf, number: str) -> None:
    opened(study, database)
    client = client_of(study.lead)
    assert client.get(at(study, f"/{number}")).status_code == 404
    assert post(client, at(study, f"/{number}/lock")).status_code == 404

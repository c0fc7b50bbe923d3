"""A post taken over into the codebook's draft as an example."""

import json
from typing import Any

import pytest
from httpx import Response
from sqlmodel import select

from server.codebooks import queries
from server.codebooks.queries import CodeInfo
from server.db.engine import Database
from server.history.models import HistoryEvent
from tests import make
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf


@pytest.fixture
def study(cast: Cast, database: Database) -> None:
    """Two posts; the first is coded in a round, the second is in none."""
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 2)
        posts[0].text = "First line.\n\nSecond <b>line</b>."
        coders = [cast.annotator, cast.other_annotator]
        round_ = make.round_(db, cast.project, book, posts[:1], coders)
        for coder, stance in zip(coders, ("ambivalent", "favour"), strict=True):
            make.coding(db, book, round_, posts[0], coder, {"stance": stance})


def code(cast: Cast, database: Database, key: str) -> CodeInfo:
    with database.reading() as db:
        return queries.being_written(db, cast.lead.project_id).variable_by_key["stance"].code_by_key[key]


@pytest.mark.usefixtures("study")
def test_a_post_becomes_an_example_and_is_taken_back(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    client = client_of(cast.lead)
    root = f"/projects/{cast.project.key}"
    path = f"{root}/disagreements/1/example"

    def send(to: str = path, **fields: Any) -> Response:
        return post(client, to, fields)

    for page in ("/disagreements/1", "/posts/1", "/posts/2"):
        assert "Use as example …" in client.get(root + page).text
    page = client.get(path)
    chosen, _label, others = page.text.partition('<optgroup label="Other codes">')
    assert "stance=ambivalent" in chosen
    assert "stance=favour" in chosen
    assert "stance=against" in others
    fields = form_fields(page, path)
    assert fields["passage"] == ["First line.\n\nSecond <b>line</b>."]

    added = send(code="stance=against", kind="example", passage=fields["passage"][0])
    assert added.status_code == 303
    shown = client.get(added.headers["location"]).text
    assert "It is an example of “Against” in the draft now." in shown
    assert send(code="stance=against", kind="example", passage="Second").status_code == 303
    assert send(code="stance=against", kind="counter_example", passage="Second").status_code == 303
    found = code(cast, database, "against")
    assert found.example == "First line.\nSecond <b>line</b>. [#1]\n\nSecond [#1]"
    assert found.counter_example == "Second [#1]"
    assert "It stands there already." in send(code="stance=against", kind="example", passage="Second").text

    assert send(path + "/undo", code="stance=against", kind="example").status_code == 303
    assert code(cast, database, "against").example == "First line.\nSecond <b>line</b>. [#1]"
    assert send(path + "/undo", code="stance=favour", kind="example").status_code == 422

    # At one click, from the page of the disagreement and from that of the example.
    desk = f"{root}/disagreements/1"
    assert 'value="counter_example stance=ambivalent"' in client.get(desk).text
    for at, to in (("?state=all&at_desk=1", f"{desk}?state=all"), ("", path)):
        taken = send(path + "/take" + at, take="counter_example stance=favour")
        assert (taken.status_code, taken.headers["location"].startswith(to)) == (303, True)
        assert (
            "It is a counter-example of “Favour” in the draft now."
            in client.get(taken.headers["location"]).text
        )
        assert code(cast, database, "favour").counter_example == "First line.\nSecond <b>line</b>. [#1]"
        twice = send(path + "/take" + at, take="counter_example stance=favour")
        assert (twice.status_code, "It stands there already." in twice.text) == (422, True)
        undone = send(path + "/undo" + at, code="stance=favour", kind="counter_example")
        assert (undone.status_code, undone.headers["location"].startswith(to)) == (303, True)
        assert code(cast, database, "favour").counter_example == ""
    for one, said in (
        ({"take": "example stance=favour 0-5"}, "First [#1]"),
        ({"take": "example stance=favour", "passage": " Second "}, "Second [#1]"),
        ({"take": "example stance=favour 900-905"}, "First line.\nSecond <b>line</b>. [#1]"),
    ):
        assert send(path + "/take?at_desk=1", **one).status_code == 303
        assert code(cast, database, "favour").example.split("\n\n")[-1] == said
    for wrong_take in ("", "example", "example stance=gone", "example stance=favour 1-x", "x stance=favour"):
        for at in ("?at_desk=1", ""):
            assert send(path + "/take" + at, take=wrong_take).status_code == 422, wrong_take
    for wrong, words in (
        ({"code": "stance=gone", "passage": "x"}, "The draft has no such code any more."),
        ({"code": "stance=favour", "passage": ""}, "Please fill this in."),
        ({"code": "stance=favour", "passage": "x" * 19_999}, "longer than 20000 characters"),
        ({"code": "favour", "passage": "Kept."}, "Kept."),
    ):
        refused = send(**({"kind": "example"} | wrong))
        assert (refused.status_code, words in refused.text) == (422, True), words
    with database.reading() as db:
        history = [json.loads(row.details) for row in db.exec(select(HistoryEvent))]
    assert "Second" not in json.dumps(history)


@pytest.mark.usefixtures("study")
def test_who_still_codes_does_not_see_what_was_chosen(
    cast: Cast, client_of: ClientOf, database: Database
) -> None:
    with database.writing() as db:
        book = queries.latest_published(db, cast.lead.project_id)
        assert book is not None
        posts = make.posts(db, cast.project, 1)
        round_ = make.round_(db, cast.project, book, posts, [cast.lead, cast.annotator])
        make.coding(db, book, round_, posts[0], cast.annotator, {"stance": "favour"})
    page = client_of(cast.lead).get(f"/projects/{cast.project.key}/disagreements/3/example")
    assert page.status_code == 200
    assert "Chosen for this post" not in page.text

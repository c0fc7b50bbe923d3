"""What was typed is kept and answered where it is wrong or comes too late."""

import pytest

from server.db.engine import Database
from tests import make
from tests.browse import form_fields
from tests.cast import Cast
from tests.codebooks.test_pages import Browser, draft, written
from tests.conftest import ClientOf
from tests.stock import on_one_database


@pytest.fixture
def lead(cast: Cast, client_of: ClientOf) -> Browser:
    return Browser(client_of(cast.lead), cast.project.key)


@pytest.fixture
def published(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        make.published(db, cast.project)


POSTS = (
    "/draft/add-variable",
    "/draft/variables/stance",
    "/draft/variables/stance/move",
    "/draft/variables/stance/remove",
    "/draft/variables/stance/restore",
    "/draft/variables/stance/add-code",
    "/draft/variables/stance/codes/against",
    "/draft/variables/stance/codes/against/move",
    "/draft/variables/stance/codes/against/remove",
    "/draft/variables/stance/codes/against/restore",
    "/draft/variables/stance/codes/against/merge",
    "/draft/variables/stance/codes/against/split",
    "/draft/publish",
    "/draft/discard",
    "/upload",
    "/upload/save",
)


@on_one_database
def test_what_was_typed_is_kept_when_it_cannot_be_saved(
    lead: Browser, database: Database, cast: Cast
) -> None:
    answer = lead.send("/draft/add-variable", label="", kind="number", hint="Kept", minimum="9", maximum="x")

    assert answer.status_code == 422
    fields = form_fields(answer, "/draft/add-variable")
    assert (fields["hint"], fields["kind"], fields["minimum"], fields["maximum"]) == (
        ["Kept"],
        ["number"],
        ["9"],
        ["x"],
    )
    assert "Please fill this in." in answer.text
    assert "Please write a number." in answer.text
    assert draft(database, cast) is None


@on_one_database
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "number", "minimum": "2", "maximum": "1,5"}, "The maximum is less than the minimum."),
        ({"kind": "text", "minimum": "2"}, "Only a number has limits."),
        ({"kind": "number", "minimum": "inf"}, "Please write a number."),
        ({"kind": "poem"}, "Please choose one of the answers offered."),
        ({"key": "not a key"}, "A key has up to 64 letters"),
        ({"label": "\0"}, "Please fill this in."),
        ({"label": "a" * 301}, "at most 300 characters"),
        ({"edition": "soon"}, "Please write a whole number."),
    ],
)
def test_bad_input_is_answered_where_it_was_made(
    lead: Browser, database: Database, cast: Cast, fields: dict[str, str], words: str
) -> None:
    answer = lead.send("/draft/add-variable", **({"label": "A", "kind": "single"} | fields))

    assert answer.status_code == 422
    assert words in answer.text
    assert draft(database, cast) is None


@on_one_database
@pytest.mark.usefixtures("published")
def test_two_equal_codes_are_refused_at_the_label(lead: Browser, database: Database, cast: Cast) -> None:
    answer = lead.send("/draft/variables/stance/add-code", label="against", definition="Kept")

    assert answer.status_code == 422
    assert "two codes called “against”" in answer.text
    assert form_fields(answer, "/add-code")["definition"] == ["Kept"]
    assert draft(database, cast) is None


@on_one_database
@pytest.mark.usefixtures("published")
def test_a_stale_form_is_a_conflict_that_keeps_what_was_typed_and_can_be_sent_again(
    lead: Browser, database: Database, cast: Cast
) -> None:
    path = "/draft/variables/stance/codes/against"
    fields = {name: values[-1] for name, values in form_fields(lead.get(path), path).items()}
    lead.send("/draft/variables/emotion", hint="Changed in the meantime")

    answer = lead.post(path, **(fields | {"definition": "Typed in the old form"}))

    assert answer.status_code == 409
    assert "what you typed is still here" in answer.text
    again = {name: values[-1] for name, values in form_fields(answer, path).items()}
    assert again["definition"] == "Typed in the old form"
    assert written(database, cast).variable_by_key["stance"].code_by_key["against"].definition == (
        "What against means."
    )
    assert lead.post(path, **again).status_code == 303
    assert written(database, cast).variable_by_key["stance"].code_by_key["against"].definition == (
        "Typed in the old form"
    )


@on_one_database
@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", [path for path in POSTS if path not in {"/upload", "/upload/save"}])
def test_every_stale_button_and_form_is_a_conflict(
    lead: Browser, database: Database, cast: Cast, path: str
) -> None:
    fields = {"edition": "77", "label": "A", "kind": "single", "direction": "up"}

    answer = lead.post(path, **fields)

    assert answer.status_code == 409
    assert "Nothing was saved" in answer.text
    assert draft(database, cast) is None


@on_one_database
@pytest.mark.usefixtures("published")
def test_typed_text_survives_even_when_its_code_was_removed(lead: Browser) -> None:
    path = "/draft/variables/stance/codes/against"
    fields = {name: values[-1] for name, values in form_fields(lead.get(path), path).items()}
    lead.send(path, path + "/remove")

    answer = lead.post(path, **(fields | {"definition": "Long work"}))

    assert answer.status_code == 409
    assert "no longer in the draft" in answer.text
    assert "Long work" in answer.text

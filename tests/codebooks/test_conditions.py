"""Variables of a codebook that are asked only after certain answers to earlier ones."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from server.codebooks import actions, queries
from server.codebooks.changes import differences
from server.codebooks.checks import contradictions
from server.codebooks.conditions import when_in_words, when_text
from server.codebooks.drafting import Move
from server.codebooks.files import read_text
from server.codebooks.queries import sheet_of
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet, only_if, read_when, write_when
from server.codebooks.writing import write_codebook_csv
from server.db.engine import Database
from server.errors import Refusal
from server.projects.access import Access
from server.web.languages import use_language
from tests.browse import form_fields, post
from tests.cast import Cast
from tests.conftest import ClientOf

KEYS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,9}\Z")
CODES = (CodeSheet("attachment", "Attachment"), CodeSheet("quality", "Quality"))
EXPRESSION = VariableSheet("expression", "multiple", "Expression", codes=CODES)
DEPTH = VariableSheet(
    "depth",
    "ordinal",
    "Depth",
    codes=(CodeSheet("low", "Low", 0.0), CodeSheet("high", "High", 1.0)),
    when=frozenset({ConditionSheet("expression", "quality"), ConditionSheet("expression", "none")}),
)
WHY = VariableSheet("why", "text", "Why?", when=frozenset({ConditionSheet("depth", "high")}))
SHEET = CodebookSheet((EXPRESSION, DEPTH, WHY))


@pytest.fixture
def lead(cast: Cast) -> Access:
    return cast.lead


@pytest.fixture
def written(lead: Access, db: Session) -> int:
    actions.save_sheet(db, lead, SHEET)
    return edition(db, lead)


def edition(db: Session, lead: Access) -> int:
    return queries.being_written(db, lead.project_id).edition


def now(db: Session, lead: Access) -> CodebookSheet:
    return sheet_of(queries.being_written(db, lead.project_id))


@given(st.frozensets(st.builds(ConditionSheet, KEYS, KEYS), max_size=5))
def test_a_condition_is_read_as_it_was_written(when: frozenset[ConditionSheet]) -> None:
    assert read_when(write_when(sorted(when))) == when


@pytest.mark.parametrize("text", ["expression", "=a", "e=", "e=a||b", "e=a=b", "e=a;;", "e f=a", "e=a b"])
def test_what_is_no_condition_is_not_read(text: str) -> None:
    assert read_when(text) is None


def test_a_condition_is_written_and_told_in_the_order_of_the_codebook() -> None:
    assert when_text(SHEET, DEPTH) == "expression=quality|none"
    assert when_in_words(SHEET, DEPTH) == "only if “Expression” is “Quality” or “Nothing applies”"
    either = replace(WHY, when=WHY.when | {ConditionSheet("expression", "attachment")})
    assert when_text(SHEET, either) == "expression=attachment; depth=high"
    assert when_in_words(SHEET, either) == "only if “Expression” is “Attachment”, or “Depth” is “High”"
    assert when_in_words(SHEET, EXPRESSION) == ""


def test_the_file_carries_conditions(lead: Access, db: Session, written: int) -> None:
    assert read_text(write_codebook_csv(now(db, lead)), "book.csv").checked() == SHEET


def test_a_row_with_an_unreadable_condition_is_named() -> None:
    reading = read_text("question,type,code,when\nq,text,,only sometimes\n", "book.csv")
    assert [(one.number, "only sometimes" in one.message) for one in reading.problems] == [(2, True)]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({("gone", "a")}, "no variable “gone”"),
        ({("depth", "high")}, "cannot depend on its own answers"),
        ({("why", "a")}, "so neither would ever be asked"),
        ({("expression", "gone")}, "no code “gone”"),
    ],
)
def test_a_condition_names_earlier_choices_and_their_codes(when: set[tuple[str, str]], said: str) -> None:
    depth = replace(DEPTH, when=frozenset(ConditionSheet(*each) for each in when))
    found = contradictions(CodebookSheet((EXPRESSION, depth, WHY)))
    assert [(one.variable_key, one.field) for one in found] == [("depth", "when")]
    assert said in found[0].message


def test_only_a_choice_can_be_depended_on() -> None:
    last = replace(WHY, key="last", when=frozenset({ConditionSheet("why", "a")}))
    found = contradictions(CodebookSheet((*SHEET.variables, last)))
    assert "choice or a scale" in found[0].message


def test_a_draft_keeps_conditions_and_a_version_tells_them(lead: Access, db: Session, written: int) -> None:
    assert now(db, lead) == SHEET
    actions.publish(db, lead, written)
    book = queries.latest_published(db, lead.project_id)
    assert book is not None
    assert sheet_of(book) == SHEET


def test_keys_that_change_are_carried_into_conditions(lead: Access, db: Session, written: int) -> None:
    actions.edit_code(db, lead, written, "depth", "high", CodeSheet("deep", "High", 1.0))
    renamed = replace(DEPTH, key="profundity")
    actions.edit_variable(db, lead, edition(db, lead), "depth", renamed)
    assert now(db, lead).variables[2].when == {ConditionSheet("profundity", "deep")}


@pytest.mark.parametrize("moved", [("depth", Move("up")), ("expression", Move("to", None, 1))])
def test_a_variable_does_not_pass_the_one_it_depends_on(
    moved: tuple[str, Move], lead: Access, db: Session, written: int
) -> None:
    with pytest.raises(Refusal) as refused:
        actions.move_variable(db, lead, written, *moved)
    assert "“Depth” is asked only after some answers to “Expression”" in refused.value.message
    assert now(db, lead) == SHEET


def test_what_a_condition_names_is_not_removed(lead: Access, db: Session, written: int) -> None:
    with pytest.raises(Refusal, match="“Why\\?” is asked if “Depth” is “high”"):
        actions.remove_code(db, lead, written, "depth", "high")
    with pytest.raises(Refusal, match="“Why\\?” is asked only after"):
        actions.remove_variable(db, lead, written, "depth")
    actions.remove_variable(db, lead, written, "why")
    actions.remove_variable(db, lead, edition(db, lead), "depth")


def test_a_changed_condition_is_told_in_words() -> None:
    changed = CodebookSheet((EXPRESSION, replace(DEPTH, when=frozenset()), WHY))
    [change] = differences(SHEET, changed).variables
    [field] = change.fields
    before = "only if “Expression” is “Quality” or “Nothing applies”"
    assert (field.word, field.before, field.after) == ("Asked", before, "always")


def _form(client: TestClient, path: str) -> dict[str, list[str]]:
    return form_fields(client.get(path), "/variables/depth")


def test_the_form_offers_earlier_answers_and_keeps_what_was_chosen(
    database: Database, cast: Cast, client_of: ClientOf
) -> None:
    with database.writing() as db:
        actions.save_sheet(db, cast.lead, SHEET)
    client, path = client_of(cast.lead), f"/projects/{cast.project.key}/codebook/draft/variables/depth"
    page = client.get(path).text
    assert "Asked only if …" in page
    assert 'value="expression=none"' in page
    assert 'value="depth=low"' not in page
    assert sorted(_form(client, path)["when"]) == ["expression=none", "expression=quality"]
    assert post(client, path, _form(client, path) | {"when": ["expression=attachment"]}).status_code == 303
    assert _form(client, path)["when"] == ["expression=attachment"]
    refused = post(client, path, _form(client, path) | {"when": ["expression=gone", "expression=quality"]})
    assert refused.status_code == 422
    assert "no code “gone”" in refused.text
    assert form_fields(refused, "/variables/depth")["when"] == ["expression=quality"]
    draft = client.get(f"/projects/{cast.project.key}/codebook/draft").text
    assert "only if “Expression” is “Attachment”" in draft


def test_a_refused_move_says_why_on_the_draft(database: Database, cast: Cast, client_of: ClientOf) -> None:
    with database.writing() as db:
        actions.save_sheet(db, cast.lead, SHEET)
        written = edition(db, cast.lead)
    path = f"/projects/{cast.project.key}/codebook/draft/variables/depth/move"
    page = post(client_of(cast.lead), path, {"edition": str(written), "direction": "up"})
    assert page.status_code == 422
    assert "so it must stand below “Expression”" in page.text


def test_quotation_marks_are_those_of_the_language() -> None:
    use_language("fr")
    try:
        said = only_if([("Ton", ["calme", "vif"])])
    finally:
        use_language("en")
    assert "«\u00a0calme\u00a0»" in said
    assert "“" not in said

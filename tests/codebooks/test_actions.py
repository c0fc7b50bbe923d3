"""Writing the draft and publishing it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session, col, select

from server.codebooks import actions, queries
from server.codebooks.drafting import Move
from server.codebooks.models import CodebookVersion
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.errors import Conflict, NotFound, Refusal
from server.history.contents import told
from server.history.models import HistoryEvent
from server.projects.access import Access
from tests.cast import Cast
from tests.stock import on_one_database

STANCE = VariableSheet("", "single", "What stance?")
SHEET = CodebookSheet(
    (
        VariableSheet(
            "expression",
            "multiple",
            "What does it express?",
            codes=(CodeSheet("attachment", "Attachment"), CodeSheet("quality", "Quality")),
        ),
        VariableSheet(
            "emotion", "ordinal", "How strong?", codes=(CodeSheet("low", "Low"), CodeSheet("high", "High"))
        ),
    )
)


@pytest.fixture
def lead(cast: Cast) -> Access:
    return cast.lead


def book(db: Session, access: Access) -> queries.Codebook:
    return queries.being_written(db, access.project_id)


def edition(db: Session, access: Access) -> int:
    return book(db, access).edition


def published(db: Session, access: Access, sheet: CodebookSheet = SHEET) -> int:
    return actions.publish_sheet(db, access, sheet)


def code_keys(db: Session, access: Access, variable: str = "expression") -> list[str]:
    return [code.key for code in book(db, access).variable_by_key[variable].codes]


def events(db: Session, access: Access) -> list[tuple[str, str, dict[str, Any]]]:
    rows = db.exec(
        select(HistoryEvent)
        .where(HistoryEvent.chain == access.project_id)
        .order_by(col(HistoryEvent.sequence))
    )
    return [(row.action, row.subject, told(row.details, row.contents)) for row in rows]


def test_the_first_edit_begins_a_draft(db: Session, lead: Access) -> None:
    key = actions.add_variable(db, lead, 0, STANCE)

    draft = queries.draft(db, lead.project_id)
    assert draft is not None
    assert (key, draft.number, draft.published_at) == ("what_stance", 1, None)
    assert [variable.label for variable in draft.variables] == ["What stance?"]


def test_the_draft_begins_as_a_copy_and_the_published_version_stays(db: Session, lead: Access) -> None:
    published(db, lead)
    actions.add_variable(db, lead, edition(db, lead), STANCE)

    draft, newest = queries.draft(db, lead.project_id), queries.latest_published(db, lead.project_id)
    assert draft is not None
    assert newest is not None
    assert (draft.number, newest.number) == (2, 1)
    assert [variable.id for variable in draft.variables[:2]] == [variable.id for variable in newest.variables]
    assert len(newest.variables) == 2


def test_there_is_one_draft_however_many_edits(db: Session, lead: Access) -> None:
    actions.add_variable(db, lead, 0, STANCE)
    actions.add_variable(db, lead, edition(db, lead), STANCE)

    rows = db.exec(select(CodebookVersion).where(CodebookVersion.project_id == lead.project_id)).all()
    assert len(rows) == 1
    assert list(book(db, lead).variable_by_key) == ["what_stance", "what_stance_2"]


def test_each_edit_counts_the_edition_up_and_an_edit_without_a_change_does_not(
    db: Session, lead: Access
) -> None:
    actions.add_variable(db, lead, 0, STANCE)
    first = edition(db, lead)
    actions.edit_variable(db, lead, first, "what_stance", STANCE)
    assert edition(db, lead) == first
    actions.edit_variable(db, lead, first, "what_stance", replace(STANCE, hint="Of the author"))

    assert edition(db, lead) == first + 1


def test_editing_nothing_begins_no_draft(db: Session, lead: Access) -> None:
    published(db, lead)
    actions.move_variable(db, lead, edition(db, lead), "expression", Move("up"))

    assert queries.draft(db, lead.project_id) is None


Edit = Callable[[Session, Access, int], object]
EDITS: dict[str, Edit] = {
    "add_variable": lambda db, lead, at: actions.add_variable(db, lead, at, STANCE),
    "edit_variable": lambda db, lead, at: actions.edit_variable(
        db, lead, at, "emotion", VariableSheet("", "ordinal", "Other")
    ),
    "remove_variable": lambda db, lead, at: actions.remove_variable(db, lead, at, "emotion"),
    "move_variable": lambda db, lead, at: actions.move_variable(db, lead, at, "emotion", Move("up")),
    "add_code": lambda db, lead, at: actions.add_code(db, lead, at, "expression", CodeSheet("", "New")),
    "edit_code": lambda db, lead, at: actions.edit_code(
        db, lead, at, "expression", "quality", CodeSheet("", "Other")
    ),
    "remove_code": lambda db, lead, at: actions.remove_code(db, lead, at, "expression", "quality"),
    "move_code": lambda db, lead, at: actions.move_code(db, lead, at, "expression", "quality", Move("up")),
    "upload": lambda db, lead, at: actions.save_sheet(db, lead, CodebookSheet(), at),
}


@on_one_database
@pytest.mark.parametrize("name", list(EDITS))
def test_every_edit_is_told_to_the_history(db: Session, lead: Access, name: str) -> None:
    published(db, lead)
    EDITS[name](db, lead, edition(db, lead))

    action, _subject, details = events(db, lead)[-1]
    assert action == f"codebook.{name.replace('remove', 'retire')}"
    assert details["variables"] or details["reordered"]


@on_one_database
@pytest.mark.parametrize("name", [*EDITS, "publish", "discard_draft"])
def test_an_edit_from_another_edition_is_a_conflict_and_changes_nothing(
    db: Session, lead: Access, name: str
) -> None:
    edits: dict[str, Edit] = EDITS | {"publish": actions.publish, "discard_draft": actions.discard_draft}
    published(db, lead)
    stale = edition(db, lead)
    actions.add_variable(db, lead, stale, STANCE)
    before = book(db, lead)

    with pytest.raises(Conflict, match="what you typed is still here"):
        edits[name](db, lead, stale)

    assert book(db, lead) == before


def test_a_form_of_an_earlier_draft_fits_no_later_one(db: Session, lead: Access) -> None:
    seen = {edition(db, lead)}
    for _round in range(3):
        actions.add_variable(db, lead, edition(db, lead), STANCE)
        assert edition(db, lead) not in seen
        seen.add(edition(db, lead))
        actions.discard_draft(db, lead, edition(db, lead))
        assert edition(db, lead) == 0
    published(db, lead)

    assert edition(db, lead) not in seen


def test_the_history_tells_before_and_after(db: Session, lead: Access) -> None:
    published(db, lead)
    value = CodeSheet("", "Loss of quality", example="My model forgot me")
    actions.edit_code(db, lead, edition(db, lead), "expression", "quality", value)

    action, subject, details = events(db, lead)[-1]
    assert (action, subject) == ("codebook.edit_code", "code expression.quality")
    assert details["variables"][0]["codes"][0]["fields"] == {
        "label": {"before": "Quality", "after": "Loss of quality"},
        "example": {"changed": True},
    }


def test_two_codes_of_one_name_are_refused_at_the_label(db: Session, lead: Access) -> None:
    published(db, lead)

    with pytest.raises(Refusal) as refusal:
        actions.add_code(db, lead, edition(db, lead), "expression", CodeSheet("", "quality"))

    assert "two codes called “quality”" in refusal.value.fields["label"]
    assert queries.draft(db, lead.project_id) is None


def test_labels_that_make_the_same_key_get_different_keys(db: Session, lead: Access) -> None:
    published(db, lead)

    key = actions.add_code(db, lead, edition(db, lead), "expression", CodeSheet("", "Quality?"))

    assert key == "quality_2"


def test_a_removed_published_key_is_not_used_again(db: Session, lead: Access) -> None:
    published(db, lead)
    actions.remove_code(db, lead, edition(db, lead), "expression", "quality")

    with pytest.raises(Refusal) as refusal:
        actions.add_code(db, lead, edition(db, lead), "expression", CodeSheet("", "Quality"))

    assert "never given another meaning" in refusal.value.fields["key"]
    assert code_keys(db, lead) == ["attachment"]


def test_a_removed_published_code_can_be_brought_back_as_itself(db: Session, lead: Access) -> None:
    published(db, lead)
    before = book(db, lead).variable_by_key["expression"].code_by_key["quality"]
    actions.remove_code(db, lead, edition(db, lead), "expression", "quality")
    actions.restore_code(db, lead, edition(db, lead), "expression", "quality")

    assert book(db, lead).variable_by_key["expression"].code_by_key["quality"] == before


def test_a_removed_published_variable_can_be_brought_back_as_itself(db: Session, lead: Access) -> None:
    published(db, lead)
    before = book(db, lead).variable_by_key["emotion"]
    actions.remove_variable(db, lead, edition(db, lead), "emotion")
    with pytest.raises(Refusal, match="not saved"):
        actions.add_variable(db, lead, edition(db, lead), replace(STANCE, key="emotion"))
    actions.restore_variable(db, lead, edition(db, lead), "emotion")

    assert book(db, lead).variable_by_key["emotion"] == before


def test_what_is_there_cannot_be_brought_back(db: Session, lead: Access) -> None:
    published(db, lead)

    with pytest.raises(NotFound):
        actions.restore_variable(db, lead, edition(db, lead), "emotion")
    with pytest.raises(NotFound):
        actions.restore_code(db, lead, edition(db, lead), "emotion", "low")


def test_a_key_that_was_never_published_is_free_again(db: Session, lead: Access) -> None:
    published(db, lead)
    actions.add_code(db, lead, edition(db, lead), "expression", CodeSheet("", "New"))
    actions.remove_code(db, lead, edition(db, lead), "expression", "new")
    actions.add_code(db, lead, edition(db, lead), "expression", CodeSheet("", "New"))

    assert code_keys(db, lead) == ["attachment", "quality", "new"]


def test_a_published_key_cannot_be_edited_and_a_new_one_can(db: Session, lead: Access) -> None:
    published(db, lead)
    with pytest.raises(Refusal) as refusal:
        actions.edit_variable(
            db, lead, edition(db, lead), "emotion", VariableSheet("feeling", "ordinal", "How strong?")
        )
    assert "it stays" in refusal.value.fields["key"]
    with pytest.raises(Refusal, match="it stays"):
        actions.edit_code(db, lead, edition(db, lead), "emotion", "low", CodeSheet("none", "Low", 0.0))
    actions.add_variable(db, lead, edition(db, lead), STANCE)

    key = actions.edit_variable(db, lead, edition(db, lead), "what_stance", replace(STANCE, key="stance"))

    assert key == "stance"
    assert "stance" in book(db, lead).variable_by_key


def test_the_kind_of_a_published_variable_stays(db: Session, lead: Access) -> None:
    published(db, lead)

    with pytest.raises(Refusal) as refusal:
        actions.edit_variable(
            db, lead, edition(db, lead), "emotion", VariableSheet("", "single", "How strong?")
        )

    assert "Make a new variable" in refusal.value.fields["kind"]


def test_a_new_variable_becomes_a_scale_and_its_codes_are_numbered(db: Session, lead: Access) -> None:
    actions.add_variable(db, lead, 0, STANCE)
    for label in ("Against", "For"):
        actions.add_code(db, lead, edition(db, lead), "what_stance", CodeSheet("", label))
    actions.edit_variable(db, lead, edition(db, lead), "what_stance", replace(STANCE, kind="ordinal"))

    assert [code.value for code in book(db, lead).variables[0].codes] == [0, 1]


def test_a_variable_with_codes_does_not_become_a_number(db: Session, lead: Access) -> None:
    actions.add_variable(db, lead, 0, STANCE)
    actions.add_code(db, lead, edition(db, lead), "what_stance", CodeSheet("", "For"))

    with pytest.raises(Refusal) as refusal:
        actions.edit_variable(db, lead, edition(db, lead), "what_stance", replace(STANCE, kind="number"))

    assert "Remove the codes" in refusal.value.fields["kind"]


def test_codes_move_and_stay_at_the_ends(db: Session, lead: Access) -> None:
    published(db, lead)
    actions.move_code(db, lead, edition(db, lead), "expression", "quality", Move("up"))
    actions.move_code(db, lead, edition(db, lead), "expression", "quality", Move("up"))
    actions.move_variable(db, lead, edition(db, lead), "expression", Move("down"))

    assert code_keys(db, lead) == ["quality", "attachment"]
    assert list(book(db, lead).variable_by_key) == ["emotion", "expression"]


def test_a_code_stands_below_another_and_not_below_itself(db: Session, lead: Access) -> None:
    published(db, lead)
    value = CodeSheet("", "Attachment", parent_key="quality")
    actions.edit_code(db, lead, edition(db, lead), "expression", "attachment", value)
    variable = book(db, lead).variable_by_key["expression"]
    assert variable.code_by_key["attachment"].parent_id == variable.code_by_key["quality"].id

    value = CodeSheet("", "Quality", parent_key="attachment")
    with pytest.raises(Refusal) as refusal:
        actions.edit_code(db, lead, edition(db, lead), "expression", "quality", value)

    assert "below itself" in refusal.value.fields["parent_key"]


def test_only_a_scale_takes_a_new_value(db: Session, lead: Access) -> None:
    published(db, lead)
    actions.edit_code(db, lead, edition(db, lead), "expression", "quality", CodeSheet("", "Quality", 7.0))
    actions.edit_code(db, lead, edition(db, lead), "emotion", "high", CodeSheet("", "High", 7.0))

    assert book(db, lead).variable_by_key["expression"].code_by_key["quality"].value is None
    assert book(db, lead).variable_by_key["emotion"].code_by_key["high"].value == 7


@on_one_database
@pytest.mark.parametrize("name", ["edit_variable", "remove_variable", "move_variable"])
def test_a_variable_of_another_study_is_not_found(db: Session, lead: Access, name: str) -> None:
    with pytest.raises(NotFound):
        EDITS[name](db, lead, 0)

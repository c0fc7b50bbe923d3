"""Drafts become versions, and sheets drafts."""

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from server.codebooks import actions, queries
from server.codebooks.drafting import Move
from server.codebooks.models import Code, Variable
from server.codebooks.queries import sheet_of
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.db.engine import Database
from server.errors import Refusal
from server.projects.access import Access
from tests.cast import Cast
from tests.codebooks.test_actions import EDITS, SHEET, STANCE, book, code_keys, edition, events, published


@pytest.fixture
def lead(cast: Cast) -> Access:
    return cast.lead


def test_publishing_makes_a_version_and_ends_the_draft(db: Session, lead: Access) -> None:
    actions.save_sheet(db, lead, SHEET)
    number = actions.publish(db, lead, edition(db, lead), "First words")

    [row] = queries.versions(db, lead.project_id)
    assert (number, row.number, row.note) == (1, 1, "First words")
    assert row.published_by.startswith("Lead")
    assert queries.draft(db, lead.project_id) is None
    action, subject, details = events(db, lead)[-1]
    assert (action, subject, details["note"]) == ("codebook.publish", "codebook version 1", "First words")


def test_an_empty_codebook_is_not_published(db: Session, lead: Access) -> None:
    with pytest.raises(Refusal, match="no variable yet"):
        actions.publish(db, lead, 0)

    assert queries.versions(db, lead.project_id) == ()


def test_a_variable_without_codes_is_not_published(db: Session, lead: Access) -> None:
    actions.add_variable(db, lead, 0, STANCE)

    with pytest.raises(Refusal, match="needs at least 2 codes"):
        actions.publish(db, lead, edition(db, lead))


def test_what_has_not_changed_is_not_published_again(db: Session, lead: Access) -> None:
    published(db, lead)

    with pytest.raises(Refusal, match="Nothing has changed"):
        actions.publish(db, lead, edition(db, lead))


def test_publishing_the_same_sheet_again_leaves_everything_as_it_is(db: Session, lead: Access) -> None:
    published(db, lead)
    actions.add_variable(db, lead, edition(db, lead), STANCE)
    before = book(db, lead)

    assert actions.publish_sheet(db, lead, SHEET) == 1
    assert book(db, lead) == before


def test_publishing_another_sheet_is_the_next_version(db: Session, lead: Access) -> None:
    published(db, lead)

    assert actions.publish_sheet(db, lead, CodebookSheet(SHEET.variables[:1]), "Shorter") == 2
    assert [row.number for row in queries.versions(db, lead.project_id)] == [2, 1]


def test_discarding_goes_back_to_the_published_version(db: Session, lead: Access) -> None:
    published(db, lead)
    actions.remove_variable(db, lead, edition(db, lead), "emotion")
    actions.discard_draft(db, lead, edition(db, lead))

    assert queries.draft(db, lead.project_id) is None
    assert list(book(db, lead).variable_by_key) == ["expression", "emotion"]
    assert events(db, lead)[-1][0] == "codebook.discard_draft"


def test_a_sheet_keeps_identities_by_their_keys(db: Session, lead: Access) -> None:
    published(db, lead)
    before = book(db, lead).variable_by_key["expression"]
    changed = replace(
        SHEET.variables[0],
        label="Now other words",
        codes=(CodeSheet("quality", "Quality"), CodeSheet("new", "New")),
    )
    actions.save_sheet(db, lead, CodebookSheet((changed,)))

    after = book(db, lead).variable_by_key["expression"]
    assert (after.id, after.label) == (before.id, "Now other words")
    assert after.code_by_key["quality"].id == before.code_by_key["quality"].id
    assert db.exec(
        select(Variable).where(Variable.key == "emotion", Variable.project_id == lead.project_id)
    ).one()
    assert db.exec(select(Code).where(Code.variable_id == before.id, Code.key == "attachment")).one()


def test_a_sheet_with_another_kind_is_refused(db: Session, lead: Access) -> None:
    published(db, lead)

    with pytest.raises(Refusal) as refusal:
        actions.save_sheet(db, lead, CodebookSheet((replace(SHEET.variables[0], kind="single"),)))

    assert "Make a new variable" in refusal.value.fields["kind"]
    assert queries.draft(db, lead.project_id) is None


def test_a_sheet_with_equal_codes_is_refused(db: Session, lead: Access) -> None:
    twice = VariableSheet(
        "stance", "single", "Stance", codes=(CodeSheet("a", "Same"), CodeSheet("b", "Same"))
    )

    with pytest.raises(Refusal, match="two codes called “Same”"):
        actions.save_sheet(db, lead, CodebookSheet((twice,)))


def test_a_published_version_never_changes(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        lead = cast.lead
        published(db, lead)
    with database.reading() as db:
        newest = queries.latest_published(db, lead.project_id)
        assert newest is not None
        before = sheet_of(newest)
    for edit in EDITS.values():
        with database.writing() as db:
            edit(db, lead, edition(db, lead))
            actions.discard_draft(db, lead, edition(db, lead))
    database.memory.clear()
    with database.reading() as db:
        again = queries.latest_published(db, lead.project_id)
        assert again is not None
        assert sheet_of(again) == before


def test_sixty_codes_are_written_and_moved(db: Session, lead: Access) -> None:
    codes = tuple(CodeSheet(f"c{place}", f"Code {place}") for place in range(60))
    actions.save_sheet(db, lead, CodebookSheet((VariableSheet("many", "multiple", "Many", codes=codes),)))
    actions.move_code(db, lead, edition(db, lead), "many", "c59", Move("up"))

    assert code_keys(db, lead, "many")[-2:] == ["c59", "c58"]

"""Reading codebooks."""

import pytest
from sqlmodel import Session

from server.codebooks import actions, queries
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.errors import NotFound
from server.projects.access import Access
from tests import make
from tests.cast import Cast


@pytest.fixture
def people(cast: Cast) -> Cast:
    return cast


@pytest.fixture
def lead(cast: Cast) -> Access:
    return cast.lead


def test_a_study_without_a_codebook_has_an_empty_one_to_write(db: Session, lead: Access) -> None:
    written = queries.being_written(db, lead.project_id)

    assert (written.number, written.edition, written.variables) == (1, 0, ())
    assert queries.latest_published(db, lead.project_id) is None
    assert queries.versions(db, lead.project_id) == ()
    assert queries.past(db, lead.project_id).versions == ()


def test_without_a_draft_the_newest_version_is_what_one_begins_with(db: Session, people: Cast) -> None:
    book = make.published(db, people.project)

    written = queries.being_written(db, people.lead.project_id)

    assert (written.number, written.edition, written.version_id) == (2, -1, 0)
    assert written.variables == book.variables


def test_versions_are_listed_newest_first(db: Session, people: Cast) -> None:
    for _ in range(2):
        make.published(db, people.project)

    rows = queries.versions(db, people.lead.project_id)

    assert [(row.number, row.published_at, row.published_by) for row in rows] == [
        (2, make.MOMENT, ""),
        (1, make.MOMENT, ""),
    ]


def test_a_draft_is_no_version(db: Session, lead: Access) -> None:
    actions.add_variable(db, lead, 0, VariableSheet("", "text", "Anything else?"))

    assert queries.versions(db, lead.project_id) == ()
    with pytest.raises(NotFound):
        queries.published_numbered(db, lead.project_id, 1)


def test_a_codebook_comes_back_as_the_sheet_it_was_made_from(db: Session, lead: Access) -> None:
    sheet = CodebookSheet(
        (
            VariableSheet("n", "number", "How many?", "Count them", required=False, minimum=0.5, maximum=9.0),
            VariableSheet(
                "s",
                "ordinal",
                "How strong?",
                codes=(
                    CodeSheet("a", "A", -1.0, "def", "use", "avoid", "like this", "not this"),
                    CodeSheet("b", "B", 1.0, parent_key="a"),
                ),
            ),
        )
    )
    actions.save_sheet(db, lead, sheet)

    assert queries.sheet_of(queries.being_written(db, lead.project_id)) == sheet


def test_the_past_holds_all_versions_newest_first(db: Session, people: Cast) -> None:
    make.published(db, people.project)
    make.published(db, people.project, {"only": ("text", ())})

    past = queries.past(db, people.lead.project_id)

    assert [number for number, _sheet in past.versions] == [2, 1]
    found = past.variable("STANCE")
    assert found is not None
    assert (found.version, found.entry.key) == (1, "stance")

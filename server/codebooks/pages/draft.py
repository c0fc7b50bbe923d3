"""The draft: its variables and codes in order, and the two ways it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.codebooks import actions, queries
from server.codebooks.changes import Changes
from server.codebooks.checks import Problem, problems
from server.codebooks.comparing import compared
from server.codebooks.forms import EditionForm
from server.codebooks.nesting import NestedVariable, nested_variables
from server.codebooks.pages.routes import DRAFT, kept, router
from server.codebooks.past import PastCode, PastVariable, in_draft
from server.codebooks.queries import sheet_of
from server.errors import Conflict, Refusal
from server.language import gettext as _
from server.projects.access import Access, EditsCodebook
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db


@dataclass(frozen=True)
class DraftPage:
    """The draft with everything that can be done to it."""

    number: int
    edition: int
    exists: bool
    previous: int
    variables: tuple[NestedVariable, ...]
    removed_variables: tuple[PastVariable, ...]
    removed_codes: Mapping[str, tuple[PastCode, ...]]
    missing: tuple[Problem, ...]
    changes: Changes
    form: Form[Any]


@router.get(DRAFT, name="codebooks.draft")
def draft(request: Request, db: Db, access: EditsCodebook) -> Response:
    """The draft; before the first edit, what it will begin as."""
    return draft_page(request, db, access, blank(), 200)


@router.post(DRAFT + "/discard", name="codebooks.discard")
def discard(
    request: Request, db: Db, access: EditsCodebook, form: Annotated[Form[EditionForm], form_of(EditionForm)]
) -> Response:
    """Give the draft up."""
    try:
        actions.discard_draft(db, access, form.checked().edition)
    except (Refusal, Conflict) as problem:
        return draft_page(request, db, access, *kept(form, problem))
    return see_other(request, "codebooks.show", notice=_("The draft is discarded."))


def draft_page(request: Request, db: Db, access: Access, form: Form[Any], status: int) -> Response:
    """The draft's page, with `form` for what was sent from it."""
    book = queries.being_written(db, access.project_id)
    sheet, past = sheet_of(book), queries.past(db, access.project_id)
    newest = queries.latest_published(db, access.project_id)
    page = DraftPage(
        number=book.number,
        edition=book.edition,
        exists=book.version_id != 0,
        previous=0 if newest is None else newest.number,
        variables=nested_variables(sheet),
        removed_variables=past.removed_variables(sheet),
        removed_codes={
            variable.key: tuple(
                in_draft(gone, book.origins, variable) for gone in past.removed_codes(variable)
            )
            for variable in sheet.variables
        },
        missing=problems(sheet),
        changes=compared(db, access.project_id, newest, book),
        form=form,
    )
    return render(request, "codebooks/draft.html", page, status)

"""Adding, editing, moving, removing and bringing back variables of the draft."""

from dataclasses import dataclass
from itertools import takewhile
from typing import Annotated, Any

from fastapi import Request, Response

from server.codebooks import actions, queries
from server.codebooks.conditions import answers_offered
from server.codebooks.drafting import variable_of
from server.codebooks.forms import EditionForm, MoveForm, VariableForm
from server.codebooks.kinds import KINDS, kind_explained, kind_word
from server.codebooks.pages.draft import draft_page
from server.codebooks.pages.routes import DRAFT, VARIABLE, kept, kept_whole, made_key, router, to_draft
from server.codebooks.queries import sheet_of
from server.codebooks.sheet import CodebookSheet, VariableSheet, write_number
from server.errors import Conflict, NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access, EditsCodebook
from server.web.forms import Form, blank, form_of
from server.web.rendering import render
from server.web.routing import Db

Sent = Annotated[Form[VariableForm], form_of(VariableForm)]
Button = Annotated[Form[EditionForm], form_of(EditionForm)]


@dataclass(frozen=True)
class Earlier:
    """A variable before the one that is edited. `answers`: as the form sends them, and in words."""

    label: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class VariablePage:
    """The form for one variable. `variable` is None for a new one; `is_published`: key and kind are fixed.

    `earlier` are the variables on which it can depend.
    """

    variable: VariableSheet | None
    key: str
    is_published: bool
    edition: int
    kinds: tuple[tuple[str, str], ...]
    kind: str
    earlier: tuple[Earlier, ...]
    form: Form[Any]


@router.get(DRAFT + "/add-variable", name="codebooks.new_variable")
def new_variable(request: Request, db: Db, access: EditsCodebook) -> Response:
    """An empty form for a variable."""
    return _form(request, db, access, "", blank(is_required=True, kind="single"), 200)


@router.post(DRAFT + "/add-variable", name="codebooks.add_variable")
def add_variable(request: Request, db: Db, access: EditsCodebook, form: Sent) -> Response:
    """Add the variable."""
    try:
        sent = form.checked()
        key = actions.add_variable(db, access, sent.edition, sent.sheet())
    except (Refusal, Conflict) as problem:
        return _form(request, db, access, "", *kept(form, problem))
    notice = _("The variable is added to the draft.")
    return to_draft(request, notice if sent.key else f"{notice} {made_key(key)}", key)


@router.get(VARIABLE, name="codebooks.variable")
def variable(request: Request, db: Db, access: EditsCodebook, variable_key: str) -> Response:
    """The form for a variable of the draft."""
    found = variable_of(sheet_of(queries.being_written(db, access.project_id)), variable_key)
    form = blank(
        label=found.label,
        kind=found.kind,
        key=found.key,
        hint=found.hint,
        is_required=found.required,
        minimum=write_number(found.minimum),
        maximum=write_number(found.maximum),
        when=[f"{on}={code}" for on, code in found.when],
    )
    return _form(request, db, access, variable_key, form, 200)


@router.post(VARIABLE, name="codebooks.edit_variable")
def edit_variable(request: Request, db: Db, access: EditsCodebook, variable_key: str, form: Sent) -> Response:
    """Change the variable."""
    try:
        sent = form.checked()
        key = actions.edit_variable(db, access, sent.edition, variable_key, sent.sheet())
    except (Refusal, Conflict) as problem:
        return _form(request, db, access, variable_key, *kept(form, problem))
    return to_draft(request, _("The variable is saved in the draft."), key)


@router.post(VARIABLE + "/move", name="codebooks.move_variable")
def move_variable(
    request: Request,
    db: Db,
    access: EditsCodebook,
    variable_key: str,
    form: Annotated[Form[MoveForm], form_of(MoveForm)],
) -> Response:
    """Move the variable."""
    try:
        sent = form.checked()
        actions.move_variable(db, access, sent.edition, variable_key, sent.move())
    except (Refusal, Conflict) as problem:
        return draft_page(request, db, access, *kept_whole(form, problem))
    return to_draft(request, "", variable_key)


@router.post(VARIABLE + "/remove", name="codebooks.remove_variable")
def remove_variable(
    request: Request, db: Db, access: EditsCodebook, variable_key: str, form: Button
) -> Response:
    """Take the variable out of the draft."""
    try:
        actions.remove_variable(db, access, form.checked().edition, variable_key)
    except (Refusal, Conflict) as problem:
        return draft_page(request, db, access, *kept_whole(form, problem))
    return to_draft(request, _("The variable is removed from the draft."))


@router.post(VARIABLE + "/restore", name="codebooks.restore_variable")
def restore_variable(
    request: Request, db: Db, access: EditsCodebook, variable_key: str, form: Button
) -> Response:
    """Bring a removed variable back."""
    try:
        actions.restore_variable(db, access, form.checked().edition, variable_key)
    except (Refusal, Conflict) as problem:
        return draft_page(request, db, access, *kept_whole(form, problem))
    return to_draft(request, _("The variable is back in the draft."), variable_key)


def _form(request: Request, db: Db, access: Access, key: str, form: Form[Any], status: int) -> Response:
    book = queries.being_written(db, access.project_id)
    found, sheet = book.variable_by_key.get(key), sheet_of(book)
    page = VariablePage(
        variable=None if found is None else variable_of(sheet, key),
        key=key,
        is_published=key != "" and queries.past(db, access.project_id).variable(key) is not None,
        edition=book.edition,
        kinds=tuple((kind, f"{kind_word(kind)}{_(':')} {kind_explained(kind)}") for kind in KINDS),
        kind="" if found is None else kind_word(found.kind),
        earlier=_earlier(sheet, key),
        form=form,
    )
    if key and found is None and status != 409:
        raise NotFound
    return render(request, "codebooks/variable.html", page, status)


def _earlier(sheet: CodebookSheet, key: str) -> tuple[Earlier, ...]:
    """The variables with codes that stand before the variable `key`; all, where it is new."""
    before = takewhile(lambda variable: variable.key != key, sheet.variables)
    offered = [(variable, answers_offered(variable)) for variable in before]
    return tuple(
        Earlier(variable.label, tuple((f"{variable.key}={code}", label) for code, label in answers))
        for variable, answers in offered
        if answers
    )

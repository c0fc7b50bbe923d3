"""Adding, editing, moving, removing and bringing back codes of the draft."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.codebooks import actions, queries
from server.codebooks.drafting import code_of, variable_of
from server.codebooks.forms import CodeForm, EditionForm, MoveForm
from server.codebooks.kinds import CHOICES
from server.codebooks.nesting import descendants, nested
from server.codebooks.pages.draft import draft_page
from server.codebooks.pages.routes import CODE, VARIABLE, kept, kept_whole, made_key, router, to_draft
from server.codebooks.queries import sheet_of
from server.codebooks.sheet import CodeSheet, VariableSheet, write_number
from server.errors import Conflict, NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access, EditsCodebook
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db

Sent = Annotated[Form[CodeForm], form_of(CodeForm)]
Button = Annotated[Form[EditionForm], form_of(EditionForm)]


@dataclass(frozen=True)
class CodePage:
    """The form for one code. `code` is None for a new one; `is_published`: its key is fixed.

    `joining` is the form for what becomes of the code as a whole: merged into one of `others`, split, or
    removed.
    """

    variable: VariableSheet | None
    variable_key: str
    code: CodeSheet | None
    key: str
    is_published: bool
    edition: int
    parents: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    form: Form[Any]
    joining: Form[Any]


@router.get(VARIABLE + "/add-code", name="codebooks.new_code")
def new_code(request: Request, db: Db, access: EditsCodebook, variable_key: str) -> Response:
    """An empty form for a code; the next number of a scale is suggested."""
    variable = variable_of(sheet_of(queries.being_written(db, access.project_id)), variable_key)
    values = [code.value for code in variable.codes if code.value is not None]
    form = blank(value=write_number(max(values) + 1 if values else 0.0))
    return _form(request, db, access, variable_key, "", form, 200)


@router.post(VARIABLE + "/add-code", name="codebooks.add_code")
def add_code(request: Request, db: Db, access: EditsCodebook, variable_key: str, form: Sent) -> Response:
    """Add the code."""
    try:
        sent = form.checked()
        key = actions.add_code(db, access, sent.edition, variable_key, sent.sheet())
    except (Refusal, Conflict) as problem:
        return _form(request, db, access, variable_key, "", *kept(form, problem))
    if sent.then == "next":
        notice = _("“{label}” is added to the draft. Write the next code.").format(label=sent.label)
        notice = notice if sent.key else f"{notice} {made_key(key)}"
        return see_other(request, "codebooks.new_code", notice=notice, variable_key=variable_key)
    notice = _("The code is added to the draft.")
    return to_draft(request, notice if sent.key else f"{notice} {made_key(key)}", variable_key)


@router.get(CODE, name="codebooks.code")
def code(request: Request, db: Db, access: EditsCodebook, variable_key: str, code_key: str) -> Response:
    """The form for a code of the draft."""
    variable = variable_of(sheet_of(queries.being_written(db, access.project_id)), variable_key)
    form = _stored(code_of(variable, code_key))
    return _form(request, db, access, variable_key, code_key, form, 200)


@router.post(CODE, name="codebooks.edit_code")
def edit_code(
    request: Request, db: Db, access: EditsCodebook, variable_key: str, code_key: str, form: Sent
) -> Response:
    """Change the code."""
    try:
        sent = form.checked()
        actions.edit_code(db, access, sent.edition, variable_key, code_key, sent.sheet())
    except (Refusal, Conflict) as problem:
        return _form(request, db, access, variable_key, code_key, *kept(form, problem))
    return to_draft(request, _("The code is saved in the draft."), variable_key)


@router.post(CODE + "/move", name="codebooks.move_code")
def move_code(
    request: Request,
    db: Db,
    access: EditsCodebook,
    variable_key: str,
    code_key: str,
    form: Annotated[Form[MoveForm], form_of(MoveForm)],
) -> Response:
    """Move the code."""
    try:
        sent = form.checked()
        actions.move_code(db, access, sent.edition, variable_key, code_key, sent.move())
    except (Refusal, Conflict) as problem:
        return draft_page(request, db, access, *kept_whole(form, problem))
    return to_draft(request, "", variable_key)


@router.post(CODE + "/remove", name="codebooks.remove_code")
def remove_code(
    request: Request, db: Db, access: EditsCodebook, variable_key: str, code_key: str, form: Button
) -> Response:
    """Take the code out of the draft."""
    try:
        actions.remove_code(db, access, form.checked().edition, variable_key, code_key)
    except (Refusal, Conflict) as problem:
        return code_page(request, db, access, variable_key, code_key, *kept_whole(form, problem))
    return to_draft(request, _("The code is removed from the draft."), variable_key)


@router.post(CODE + "/restore", name="codebooks.restore_code")
def restore_code(
    request: Request, db: Db, access: EditsCodebook, variable_key: str, code_key: str, form: Button
) -> Response:
    """Bring a removed code back."""
    try:
        actions.restore_code(db, access, form.checked().edition, variable_key, code_key)
    except (Refusal, Conflict) as problem:
        return draft_page(request, db, access, *kept_whole(form, problem))
    return to_draft(request, _("The code is back in the draft."), variable_key)


def code_page(
    request: Request, db: Db, access: Access, variable_key: str, key: str, joining: Form[Any], status: int
) -> Response:
    """The page of a code with what was said of merging, splitting or removing it."""
    variable = queries.being_written(db, access.project_id).variable_by_key.get(variable_key)
    if variable is None or key not in variable.code_by_key:
        return draft_page(request, db, access, joining, status)
    found = code_of(variable_of(sheet_of(queries.being_written(db, access.project_id)), variable_key), key)
    return _form(request, db, access, variable_key, key, _stored(found), status, joining)


def _stored(found: CodeSheet) -> Form[Any]:
    return blank(
        label=found.label,
        key=found.key,
        value=write_number(found.value),
        parent_key=found.parent_key,
        definition=found.definition,
        use_when=found.use_when,
        avoid_when=found.avoid_when,
        example=found.example,
        counter_example=found.counter_example,
    )


def _form(
    request: Request,
    db: Db,
    access: Access,
    variable_key: str,
    key: str,
    form: Form[Any],
    status: int,
    joining: Form[Any] | None = None,
) -> Response:
    book = queries.being_written(db, access.project_id)
    sheet = sheet_of(book)
    variable = next((found for found in sheet.variables if found.key == variable_key), None)
    codes = () if variable is None else variable.codes
    found = next((code for code in codes if code.key == key), None)
    if status != 409 and (variable is None or variable.kind not in CHOICES or (key and found is None)):
        raise NotFound
    past = queries.past(db, access.project_id)
    page = CodePage(
        variable=variable,
        variable_key=variable_key,
        code=found,
        key=key,
        is_published=key != "" and past.code(variable_key, key) is not None,
        edition=book.edition,
        parents=(("", _("None")), *_offered(codes, key)),
        others=_offered(codes, key) if key else (),
        form=form,
        joining=joining or blank(takes_examples=True),
    )
    return render(request, "codebooks/code.html", page, status)


def _offered(codes: tuple[CodeSheet, ...], key: str) -> tuple[tuple[str, str], ...]:
    """The codes that it may stand below or be merged into: all but itself and what stands below it."""
    below = descendants(codes, key) if key else frozenset()
    offered = [place for place in nested(codes) if place.code.key not in below]
    return tuple((place.code.key, "– " * place.depth + place.code.label) for place in offered)

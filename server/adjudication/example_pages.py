"""A post taken over into the codebook's draft, as an example or a counter-example of a code."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field

from server.adjudication.answers import Table, table_of
from server.adjudication.scope import scope_of
from server.codebooks.examples import add_example, take_back_example
from server.codebooks.joining import MAX_WORDS
from server.codebooks.queries import Codebook, being_written
from server.corpora.queries import post as post_of
from server.errors import Forbidden, NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access, EditsCodebook
from server.web.forms import Form, blank, form_of
from server.web.numbers import number_in_path
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
Number = Annotated[int, number_in_path("number")]
EXAMPLE = "/projects/{project_key}/disagreements/{number}/example"
Kind = Literal["example", "counter_example"]
# A code, such as stance=against.
Place = Annotated[str, Field(max_length=129, pattern=r"^[\w.-]+=[\w.-]+$")]


class PlaceForm(BaseModel):
    """An example of a code."""

    code: Place
    kind: Kind


class ExampleForm(PlaceForm):
    """What of the post becomes one."""

    passage: Annotated[str, Field(max_length=MAX_WORDS)]


@dataclass(frozen=True)
class Added:
    """An example that was just taken over."""

    code: str
    kind: str
    label: str
    variable_key: str


@dataclass(frozen=True)
class ExamplePage:
    """A post, and the codes of the draft: first those that were chosen for it."""

    number: int
    text: str
    chosen: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    added: Added | None
    form: Form[Any]


@router.get(EXAMPLE, name="adjudication.example")
def example(request: Request, db: Db, access: EditsCodebook, number: Number) -> Response:
    """The form that takes the post over."""
    return _page(request, db, access, number, None, 200)


@router.post(EXAMPLE, name="adjudication.use_example")
def use_example(
    request: Request,
    db: Db,
    access: EditsCodebook,
    number: Number,
    form: Annotated[Form[ExampleForm], form_of(ExampleForm)],
) -> Response:
    """Take the post over."""
    try:
        sent = form.checked()
        variable_key, key = _found(being_written(db, access.project_id), sent.code)
        post_of(db, access, number)
        add_example(db, access, variable_key, key, sent.kind, number, sent.passage)
    except Refusal as refusal:
        return _page(request, db, access, number, form.refused(refusal), 422)
    query = {"code": sent.code, "kind": sent.kind}
    return see_other(request, "adjudication.example", query=query, number=number)


@router.post(EXAMPLE + "/undo", name="adjudication.undo_example")
def undo_example(
    request: Request,
    db: Db,
    access: EditsCodebook,
    number: Number,
    form: Annotated[Form[PlaceForm], form_of(PlaceForm)],
) -> Response:
    """Take it out of the draft again."""
    try:
        sent = form.checked()
        variable_key, key = _found(being_written(db, access.project_id), sent.code)
        take_back_example(db, access, variable_key, key, sent.kind, number)
    except Refusal as refusal:
        return _page(request, db, access, number, form.refused(refusal), 422)
    notice = _("It is taken out of the draft again.")
    return see_other(request, "adjudication.example", notice=notice, number=number)


def _found(book: Codebook, code: str) -> tuple[str, str]:
    variable_key, _equals, key = code.partition("=")
    variable = book.variable_by_key.get(variable_key)
    if variable is None or key not in variable.code_by_key:
        message = _("The draft has no such code any more. Choose another one.")
        raise Refusal(message, {"code": message})
    return variable_key, key


def _page(
    request: Request, db: Db, access: Access, number: int, form: Form[Any] | None, status: int
) -> Response:
    post, book = post_of(db, access, number), being_written(db, access.project_id)
    chosen_ids = _chosen(db, access, number)
    codes = [
        (code.id, (f"{variable.key}={code.key}", f"{variable.label} {code.label}"))
        for variable in book.variables
        for code in variable.codes
    ]
    page = ExamplePage(
        number=number,
        text=post.text,
        chosen=tuple(option for code_id, option in codes if code_id in chosen_ids),
        others=tuple(option for code_id, option in codes if code_id not in chosen_ids),
        added=_added(request, book),
        form=form or blank(kind="example", passage=post.text),
    )
    return render(request, "adjudication/example.html", page, status)


def _chosen(db: Db, access: Access, number: int) -> frozenset[int]:
    """The codes that annotators chose for the post; none where the reader may not see what they chose."""
    try:
        table: Table = table_of(db, access, scope_of(db, access), number)
    except (Forbidden, NotFound):
        return frozenset()
    given = (answer for voice in table.voices for said, _round in voice.answers.values() for answer in said)
    return frozenset(answer.code_id for answer in given if answer.code_id is not None)


def _added(request: Request, book: Codebook) -> Added | None:
    code, kind = (request.query_params.get(name, "") for name in ("code", "kind"))
    try:
        variable_key, key = _found(book, code)
    except Refusal:
        return None
    if kind not in {"example", "counter_example"}:
        return None
    return Added(code, kind, book.variable_by_key[variable_key].code_by_key[key].label, variable_key)

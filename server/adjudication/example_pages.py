"""A post taken over into the codebook's draft, as an example or a counter-example of a code."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import BaseModel, Field

from server.adjudication.answers import table_of
from server.adjudication.beside import Sent
from server.adjudication.exemplary import Added, Choice, added, choices, chosen_codes, found
from server.adjudication.filters import Filters
from server.adjudication.pages import POST, Chosen, Number, post_shown
from server.adjudication.scope import scope_of
from server.codebooks.examples import add_example, take_back_example
from server.codebooks.joining import MAX_WORDS
from server.codebooks.queries import being_written
from server.corpora.queries import post as post_of
from server.errors import Forbidden, NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access, EditsCodebook
from server.projects.roles import Permission
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
EXAMPLE = POST + "/example"
Kind = Literal["example", "counter_example"]
# A code, such as stance=against.
_PLACE = r"[\w.-]+=[\w.-]+"
Place = Annotated[str, Field(max_length=129, pattern=f"^{_PLACE}$")]
# What a button takes: as what, of which code, and from which code point to which, where it is not all.
Take = Annotated[
    str, Field(max_length=180, pattern=rf"^(example|counter_example) {_PLACE}( \d{{1,7}}-\d{{1,7}})?$")
]


class PlaceForm(BaseModel):
    """An example of a code."""

    code: Place
    kind: Kind


class ExampleForm(PlaceForm):
    """What of the post becomes one."""

    passage: Annotated[str, Field(max_length=MAX_WORDS)]


class TakeForm(BaseModel):
    """One button: the whole post becomes an example, or the `passage` selected in it."""

    take: Take
    passage: Annotated[str, Field(max_length=MAX_WORDS)] = ""


@dataclass(frozen=True)
class ExamplePage:
    """A post, and the codes of the draft: first those that were chosen for it."""

    number: int
    text: str
    chosen: tuple[Choice, ...]
    others: tuple[Choice, ...]
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
    """Take the post over, or what was left of it in the field."""
    try:
        sent = form.checked()
        _take(db, access, number, sent.code, sent.kind, sent.passage)
    except Refusal as refusal:
        return _page(request, db, access, number, form.refused(refusal), 422)
    query = {"example_of": sent.code, "took": sent.kind}
    return see_other(request, "adjudication.example", query=query, number=number)


@router.post(EXAMPLE + "/take", name="adjudication.take_example")
def take_example(
    request: Request,
    db: Db,
    access: EditsCodebook,
    number: Number,
    filters: Chosen,
    form: Annotated[Form[TakeForm], form_of(TakeForm)],
) -> Response:
    """Take the post over at one click, and stay where it was made."""
    try:
        sent = form.checked()
        kind, place, *span = sent.take.split(" ")
        _take(db, access, number, place, kind, _passage(db, access, number, sent.passage, span))
    except Refusal as refusal:
        return _refused(request, db, access, number, filters, form, refusal)
    query = {"example_of": place, "took": kind}
    if _at_desk(request, access):
        return see_other(request, "adjudication.post", query=filters.query | query, number=number)
    return see_other(request, "adjudication.example", query=query, number=number)


@router.get(EXAMPLE + "/take", name="adjudication.take_address")
def take_address(request: Request, access: EditsCodebook, number: Number, filters: Chosen) -> Response:  # noqa: ARG001
    """The address that a refusal leaves in the bar: to the post itself."""
    return see_other(request, "adjudication.post", query=filters.query, number=number)


@router.post(EXAMPLE + "/undo", name="adjudication.undo_example")
def undo_example(
    request: Request,
    db: Db,
    access: EditsCodebook,
    number: Number,
    filters: Chosen,
    form: Annotated[Form[PlaceForm], form_of(PlaceForm)],
) -> Response:
    """Take it out of the draft again, and go back to where it was taken over."""
    try:
        sent = form.checked()
        variable_key, key = found(being_written(db, access.project_id), sent.code)
        take_back_example(db, access, variable_key, key, sent.kind, number)
    except Refusal as refusal:
        return _refused(request, db, access, number, filters, form, refusal)
    notice = _("It is taken out of the draft again.")
    if _at_desk(request, access):
        return see_other(request, "adjudication.post", notice, filters.query, number=number)
    return see_other(request, "adjudication.example", notice=notice, number=number)


def _take(db: Db, access: Access, number: int, place: str, kind: str, passage: str) -> None:
    variable_key, key = found(being_written(db, access.project_id), place)
    post_of(db, access, number)
    add_example(db, access, variable_key, key, kind, number, passage)


def _passage(db: Db, access: Access, number: int, selected: str, span: list[str]) -> str:
    """What an annotator marked, else what is selected, else the whole post."""
    text = post_of(db, access, number).text
    if not span:
        return selected if selected.strip() else text
    first, behind = (int(place) for place in span[0].split("-"))
    return text[first:behind] or text


def _at_desk(request: Request, access: Access) -> bool:
    return "at_desk" in request.query_params and access.may(Permission.REVIEW_DISAGREEMENTS)


def _refused(
    request: Request,
    db: Db,
    access: Access,
    number: int,
    filters: Filters,
    form: Form[Any],
    refusal: Refusal,
) -> Response:
    if not _at_desk(request, access):
        kept = (
            form if "code" in form.typed else blank(kind="example", passage=post_of(db, access, number).text)
        )
        return _page(request, db, access, number, kept.refused(refusal), 422)
    back = Sent(example_message=refusal.message)
    return post_shown(request, db, access, number, filters, back, 422)


def _page(
    request: Request, db: Db, access: Access, number: int, form: Form[Any] | None, status: int
) -> Response:
    post, book = post_of(db, access, number), being_written(db, access.project_id)
    chosen = _chosen(db, access, number)
    page = ExamplePage(
        number=number,
        text=post.text,
        chosen=tuple(choice for code_id, choice in choices(book) if code_id in (chosen or ())),
        others=tuple(choice for code_id, choice in choices(book) if code_id not in (chosen or ())),
        added=added(book, *(request.query_params.get(name, "") for name in ("example_of", "took"))),
        form=form or blank(kind="example", passage=post.text),
    )
    return render(request, "adjudication/example.html", page, status)


def _chosen(db: Db, access: Access, number: int) -> frozenset[int] | None:
    """The codes that annotators chose for the post; None where the reader may not see what they chose."""
    try:
        return chosen_codes(table_of(db, access, scope_of(db, access), number))
    except (Forbidden, NotFound):
        return None

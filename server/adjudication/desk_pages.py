"""What else is done on the page of a post: names, models, problems of the codebook, sending back."""

from typing import Annotated

from fastapi import Request, Response

from server.adjudication import actions, problems, sending_back
from server.adjudication.beside import Sent
from server.adjudication.forms import BackForm, ProblemForm
from server.adjudication.pages import POST, Chosen, Decision, Number, post_shown
from server.adjudication.scope import scope_of
from server.errors import Refusal
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Reviews
from server.web.forms import Form, form_of
from server.web.rendering import see_other
from server.web.routing import Db, pages
from server.web.words import number as in_digits

router = pages()


def address(request: Request, access: Reviews, number: Number, filters: Chosen) -> Response:  # noqa: ARG001
    """The address that a form of the page leaves in the bar: to the post itself, where names are hidden."""
    return see_other(request, "adjudication.post", query=filters.query, number=number)


for part, name in (
    ("names", "names"),
    ("models", "models_address"),
    ("withdraw", "withdrawal"),
    ("problem", "problem_mark"),
    ("back", "back_address"),
):
    router.add_api_route(f"{POST}/{part}", address, name=f"adjudication.{name}", methods=["GET"])


@router.post(POST + "/names", name="adjudication.show_names")
def show_names(
    request: Request, db: Db, access: Reviews, number: Number, filters: Chosen, form: Decision
) -> Response:
    """The same page with names beside the letters, once; what was typed stays in it."""
    actions.show_names(db, access, scope_of(db, access), number)
    return post_shown(request, db, access, number, filters, Sent(decide=form, names_shown=True))


@router.post(POST + "/models", name="adjudication.show_models")
def show_models(
    request: Request, db: Db, access: Reviews, number: Number, filters: Chosen, form: Decision
) -> Response:
    """The same page with what the models believe, once; what was typed stays in it."""
    actions.show_models(db, access, scope_of(db, access), number)
    return post_shown(request, db, access, number, filters, Sent(decide=form, models_shown=True))


@router.post(POST + "/problem", name="adjudication.mark_problem")
def mark_problem(
    request: Request,
    db: Db,
    access: Reviews,
    number: Number,
    filters: Chosen,
    form: Annotated[Form[ProblemForm], form_of(ProblemForm)],
) -> Response:
    """Note that the codebook is unclear at this post."""
    try:
        value = form.checked()
        problems.mark(db, access, scope_of(db, access), number, value.where, value.what)
    except Refusal as refusal:
        return post_shown(request, db, access, number, filters, Sent(problem=form.refused(refusal)), 422)
    said = _("Noted for the next version of the codebook.")
    return see_other(request, "adjudication.post", notice=said, query=filters.query, number=number)


@router.post(POST + "/back", name="adjudication.send_back")
def send_back(
    request: Request,
    db: Db,
    access: Reviews,
    number: Number,
    filters: Chosen,
    form: Annotated[Form[BackForm], form_of(BackForm)],
) -> Response:
    """Give the post back to its annotators with a note."""
    try:
        value = form.checked()
        n = sending_back.send_back(db, access, scope_of(db, access), number, value.to, value.note)
    except Refusal as refusal:
        return post_shown(request, db, access, number, filters, Sent(back=form.refused(refusal)), 422)
    said = ngettext(
        "The post was sent back to %s annotator. It comes back when they have submitted it again.",
        "The post was sent back to %s annotators. It comes back when they have submitted it again.",
        n,
    )
    notice = said % in_digits(n)
    return see_other(request, "adjudication.queue", notice=notice, query=filters.query)

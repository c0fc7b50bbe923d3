"""Adjudicators who share the work: taking a post over, and how far they agree."""

from fastapi import Request, Response

from server.adjudication.adjudicators import adjudicators_page
from server.adjudication.beside import Sent
from server.adjudication.pages import PLACE, POST, Chosen, Number, post_shown
from server.adjudication.scope import scope_of
from server.adjudication.taking_over import take_over
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Reviews
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()


@router.get(PLACE + "/adjudicators", name="adjudication.adjudicators")
def adjudicators(request: Request, db: Db, access: Reviews) -> Response:
    """How far two adjudicators agree who did not see each other's decision."""
    page = adjudicators_page(db, access, scope_of(db, access))
    return render(request, "adjudication/adjudicators.html", page)


@router.post(POST + "/take-over", name="adjudication.take_over")
def take(request: Request, db: Db, access: Reviews, number: Number, filters: Chosen) -> Response:
    """Let the post belong to oneself."""
    try:
        take_over(db, access, scope_of(db, access), number)
    except Refusal as refusal:
        back = Sent(taking=refusal.message)
        return post_shown(request, db, access, number, filters, back, 422)
    said = _("The post is yours now.")
    return see_other(request, "adjudication.post", notice=said, query=filters.query, number=number)


@router.get(POST + "/take-over", name="adjudication.take_over_address")
def take_over_address(request: Request, access: Reviews, number: Number, filters: Chosen) -> Response:  # noqa: ARG001
    """The address that the form leaves in the bar where it is refused: to the post itself."""
    return see_other(request, "adjudication.post", query=filters.query, number=number)

"""The page of agreement, and the posts behind a cell of its confusion table."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request, Response

from server.errors import NotFound, Refusal
from server.projects.access import Reviews, SeesAgreement
from server.reliability import queries
from server.reliability.agreement_page import address_of, agreement_page, asked_code, asked_question
from server.reliability.cell_posts import PAGE, Behind, Cell, posts_behind
from server.reliability.forms import AgreementQuery, CellQuery
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class PostsPage:
    """The posts behind the cell (`row`, `column`) of the confusion table of `label`."""

    label: str
    behind: Behind
    address: dict[str, Any]
    row: int
    column: int
    page: int
    n_pages: int


@router.get("/projects/{project_key}/agreement", name="reliability.show")
def show(
    request: Request, db: Db, access: SeesAgreement, query: Annotated[AgreementQuery, Query()]
) -> Response:
    """Agreement by variable, code and pair; an address that asks for what is not there shows what is."""
    try:
        return render(request, "reliability/show.html", agreement_page(db, access, query))
    except Refusal as refusal:
        page = agreement_page(db, access, AgreementQuery(), message=refusal.message)
        return render(request, "reliability/show.html", page, status=422)


@router.get("/projects/{project_key}/agreement/posts", name="reliability.posts")
def posts(request: Request, db: Db, access: Reviews, query: Annotated[CellQuery, Query()]) -> Response:
    """The posts behind a cell of the confusion table."""
    rounds = queries.chosen_rounds(queries.rounds_of(db, access), query.round or None)
    question = asked_question(queries.questions_of(db, access.project_id, rounds), query.variable)
    if question is None:
        raise NotFound
    cell = Cell(asked_code(question, query.code), query.row, query.column)
    found = posts_behind(db, access, question, rounds, query.group, cell, query.page)
    label = next((code.label for code in question.codes if code.key == cell.code), question.label)
    address = {"variable": question.key, "code": cell.code, **address_of(query)}
    page = PostsPage(label, found, address, query.row, query.column, query.page, -(-found.n_posts // PAGE))
    return render(request, "reliability/posts.html", page)

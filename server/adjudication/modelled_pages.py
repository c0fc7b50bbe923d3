"""The page of the models of annotators."""

from typing import Annotated

from fastapi import Depends, Request, Response

from server.adjudication.modelled_screen import modelled_page
from server.projects.access import Reviews
from server.web.numbers import PageNumber
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


async def asked_for(request: Request) -> str:
    """The question, or the code of one, that the address asks for."""
    return request.query_params.get("on", "")


@router.get("/projects/{project_key}/disagreements/models", name="adjudication.modelled")
def show(
    request: Request, db: Db, access: Reviews, on: Annotated[str, Depends(asked_for)], page: PageNumber
) -> Response:
    """How far each annotator can be relied on, and the posts whose code is doubtful, as models believe."""
    return render(request, "adjudication/modelled.html", modelled_page(db, access, on, page))

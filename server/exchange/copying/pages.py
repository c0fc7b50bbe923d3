"""The page on which a lead copies a project as a template."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.accounts.access import SignedIn
from server.errors import Refusal
from server.exchange.copying.actions import Book, WantedCopy, books, copy_project
from server.exchange.copying.forms import CopyForm
from server.language import gettext as _
from server.projects.access import Access, EditsProject
from server.projects.pages import demand_creator, may_create
from server.projects.queries import project_info
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class CopyPage:
    """The form of the new project; `books` are the states of the codebook to choose from."""

    form: Form[Any]
    books: tuple[tuple[str, str], ...]
    may_create: bool


def _page(request: Request, db: Db, access: Access, form: Form[Any], may: bool) -> Response:
    words = {Book.PUBLISHED: _("The newest published version"), Book.DRAFT: _("The draft")}
    page = CopyPage(form, tuple((book.value, words[book]) for book in books(db, access)), may)
    return render(request, "exchange/copy.html", page, status=422 if form.message else 200)


@router.get("/projects/{project_key}/settings/copy", name="exchange.copy")
def copy(request: Request, db: Db, viewer: SignedIn, access: EditsProject) -> Response:
    """Ask for the title of the copy, and say what is copied."""
    form = blank(
        title=_("%s (copy)") % access.project_title[:180],
        description=project_info(db, access).description,
        book=next(iter(books(db, access)), Book.PUBLISHED),
        form_token=secrets.token_urlsafe(16),
    )
    return _page(request, db, access, form, may_create(viewer))


@router.post("/projects/{project_key}/settings/copy", name="exchange.make_copy")
def make_copy(
    request: Request,
    db: Db,
    viewer: SignedIn,
    access: EditsProject,
    form: Annotated[Form[CopyForm], form_of(CopyForm)],
) -> Response:
    """Make the new project, and go there."""
    demand_creator(viewer)
    try:
        asked = form.checked()
        wanted = WantedCopy(asked.title, asked.description, asked.book, asked.form_token)
        new = copy_project(db, access, wanted)
    except Refusal as refusal:
        return _page(request, db, access, form.refused(refusal), may=True)
    notice = _("The copy is made, with its codebook as a draft. The list below leads through the study.")
    return see_other(request, "projects.show", notice=notice, project_key=new.project_key)

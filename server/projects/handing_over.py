"""The page on which a lead hands the project over to another member."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from server.errors import Refusal
from server.language import gettext as _
from server.projects import actions, queries
from server.projects.access import Access, ManagesMembers
from server.projects.forms import HandOverForm
from server.projects.roles import Role
from server.projects.words import role_offers, role_word
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
PLACE = "/projects/{project_key}/members/hand-over"


@dataclass(frozen=True)
class HandOverPage:
    """What changes, and to whom the project may go; `people` is empty where there is nobody."""

    form: Form[Any]
    people: tuple[tuple[str, str], ...]
    roles: tuple[tuple[str, str], ...]


def _page(request: Request, db: Db, access: Access, form: Form[Any]) -> Response:
    found = queries.successors(db, access)
    people = tuple((str(row.number), f"{row.display_name} ({role_word(row.role)})") for row in found)
    choose = (("", _("Choose a member")),) if people else ()
    page = HandOverPage(form, choose + people, role_offers())
    return render(request, "projects/hand_over.html", page, status=422 if form.message else 200)


@router.get(PLACE, name="projects.hand_over")
def hand_over(request: Request, db: Db, access: ManagesMembers) -> Response:
    """Say what handing over changes, and ask to whom."""
    return _page(request, db, access, blank(role=Role.VIEWER))


@router.post(PLACE, name="projects.give_away")
def give_away(
    request: Request,
    db: Db,
    access: ManagesMembers,
    form: Annotated[Form[HandOverForm], form_of(HandOverForm)],
) -> Response:
    """Hand the project over."""
    try:
        wanted = form.checked()
        actions.hand_over(db, access, wanted.number, wanted.role)
    except Refusal as refusal:
        return _page(request, db, access, form.refused(refusal))
    page = "projects.members" if wanted.role is Role.LEAD else "projects.show"
    return see_other(request, page, notice=_("The project is handed over."))

"""The page of a project's history."""

from dataclasses import dataclass, replace

from fastapi import Request, Response

from server.errors import Refusal
from server.projects.access import Access, SeesHistory
from server.projects.forms import HistoryQuery
from server.projects.history_filters import Sieve, asked_of, sieve_of
from server.projects.pages import overview_of
from server.projects.retelling import Area, History
from server.projects.retelling import history as read_history
from server.web.forms import Form
from server.web.numbers import whole_number
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class HistoryPage:
    """What was done, newest first. `asked` are the filters as they stand in addresses."""

    history: History
    form: Form[HistoryQuery]
    people: tuple[tuple[str, str], ...]
    areas: tuple[Area, ...]
    asked: dict[str, str]
    is_first: bool


@router.get("/projects/{project_key}/history", name="projects.history")
def history(request: Request, db: Db, access: SeesHistory) -> Response:
    """Who did what when."""
    form, sieve = asked_of(request.query_params), sieve_of(db, access)
    try:
        wanted = sieve.wanted(form)
    except Refusal as refusal:
        return refused_history(request, form.refused(refusal), sieve)
    before = whole_number(request.query_params.get("before", ""))
    found = read_history(
        db, access, replace(wanted, before=before), is_blind=still_codes(request, db, access)
    )
    return render(request, "projects/history.html", _page(form, sieve, found, is_first=before is None))


def refused_history(request: Request, form: Form[HistoryQuery], sieve: Sieve) -> Response:
    """The page that says which of the filters cannot be used."""
    page = _page(form, sieve, History((), None), is_first=True)
    return render(request, "projects/history.html", page, status=422)


def _page(form: Form[HistoryQuery], sieve: Sieve, found: History, *, is_first: bool) -> HistoryPage:
    asked = {name: form.text(name).strip() for name in HistoryQuery.model_fields}
    asked = {name: said for name, said in asked.items() if said}
    return HistoryPage(found, form, sieve.people, sieve.areas, asked, is_first)


def still_codes(request: Request, db: Db, access: Access) -> bool:
    """Whether the reader has still to answer what others have: in a round that is open, or by a decision."""
    overview = overview_of(request)
    own = overview.own_rounds(db, access.account_id)
    return overview.owes_decision(db, access) or any(
        round_.project_id == access.project_id and not round_.is_locked for round_ in own
    )

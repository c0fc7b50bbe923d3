"""Pages beside the queue: how disagreements are decided here, and the problems of the codebook."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from server.adjudication import problems
from server.adjudication.forms import DealForm, SettingsForm
from server.adjudication.scope import scope_of
from server.adjudication.settings import Settings, save_settings, settings_of
from server.adjudication.sharing import reviewers
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access, EditsCodebook, EditsProject, Reviews
from server.projects.roles import Permission
from server.rounds.queries import Sight
from server.web.forms import Form, blank, form_of
from server.web.numbers import PageNumber, number_in_path
from server.web.rendering import render, see_other
from server.web.routing import Db, pages

router = pages()
SETTINGS = "/projects/{project_key}/disagreements/settings"
PROBLEMS = "/projects/{project_key}/disagreements/codebook-problems"
Number = Annotated[int, number_in_path("number")]


@dataclass(frozen=True)
class SettingsPage:
    """What the lead settles about deciding."""

    form: Form[Any]
    reviewers: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class ProblemsPage:
    """The problems of the codebook. `versions` are those in which one can be dealt with."""

    form: Form[Any]
    state: str
    rows: tuple[problems.Problem, ...]
    n_rows: int
    page: int
    n_pages: int
    versions: tuple[int, ...]
    may_deal: bool
    hidden: tuple[Sight, ...]


async def state_asked(request: Request) -> str:
    """Which problems the address asks for."""
    given = request.query_params.get("state", problems.OPEN)
    return given if given in problems.STATES else problems.OPEN


State = Annotated[str, Depends(state_asked)]


@router.get(SETTINGS, name="adjudication.settings")
def settings(request: Request, db: Db, access: EditsProject) -> Response:
    """How disagreements are decided here."""
    form = blank(**asdict(settings_of(db, access.project_id)))
    return _settings(request, db, access, form)


def _settings(request: Request, db: Db, access: Access, form: Form[Any], status: int = 200) -> Response:
    shown = SettingsPage(form, reviewers(db, access))
    return render(request, "adjudication/settings.html", shown, status)


@router.post(SETTINGS, name="adjudication.save_settings")
def save(
    request: Request,
    db: Db,
    access: EditsProject,
    form: Annotated[Form[SettingsForm], form_of(SettingsForm)],
) -> Response:
    """Settle it."""
    try:
        save_settings(db, access, Settings(**form.checked().model_dump()))
    except Refusal as refusal:
        return _settings(request, db, access, form.refused(refusal), 422)
    return see_other(request, "adjudication.settings", notice=_("Saved."))


@router.get(PROBLEMS, name="adjudication.problems")
def listed(request: Request, db: Db, access: Reviews, state: State, page: PageNumber) -> Response:
    """What reviewers found unclear in the codebook, for its next version."""
    return _listed(request, db, access, state, page, blank())


def _listed(
    request: Request, db: Db, access: Access, state: str, page: int, form: Form[Any], status: int = 200
) -> Response:
    scope = scope_of(db, access)
    n_rows = problems.n_problems(db, access, scope, state)
    n_pages = max(1, -(-n_rows // problems.PAGE))
    page = min(page, n_pages)
    shown = ProblemsPage(
        form,
        state,
        problems.problems(db, access, scope, state, page),
        n_rows,
        page,
        n_pages,
        problems.versions(db, access),
        access.may(Permission.EDIT_CODEBOOK),
        scope.hidden,
    )
    return render(request, "adjudication/problems.html", shown, status)


@router.post(PROBLEMS + "/{number}", name="adjudication.deal_with_problem")
def deal(
    request: Request,
    db: Db,
    access: EditsCodebook,
    number: Number,
    state: State,
    form: Annotated[Form[DealForm], form_of(DealForm)],
) -> Response:
    """Say in which version a problem is dealt with, or open it again."""
    try:
        version = form.checked().version
        problems.deal_with(db, access, scope_of(db, access), number, version)
    except Refusal as refusal:
        return _listed(request, db, access, state, 1, form.refused(refusal), 422)
    said = (
        _("Problem {number} is dealt with in version {version}.")
        if version
        else _("Problem {number} is open.")
    )
    notice = said.format(number=number, version=version)
    return see_other(request, "adjudication.problems", notice=notice, query={"state": state})


@router.get(PROBLEMS + "/{number}", name="adjudication.problem_address")
def problem_address(
    request: Request,
    access: Reviews,  # noqa: ARG001 - who may not review is told so here, too
    number: Number,  # noqa: ARG001 - all problems stand in one list
) -> Response:
    """The address that a refused form leaves in the bar: to the list."""
    return see_other(request, "adjudication.problems")

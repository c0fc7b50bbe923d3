"""The first page, and a project's own: overview, settings."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Request, Response

from server.accounts.access import SignedIn
from server.accounts.queries import is_set_up
from server.db.room import warning
from server.errors import Forbidden, Refusal
from server.language import gettext as _
from server.projects import actions, queries
from server.projects.access import EditsProject, SeesProject
from server.projects.forms import NewProjectForm, ProjectForm
from server.projects.overview import Notice, Overview, OwnRound, Station
from server.projects.roles import Role
from server.projects.words import role_word
from server.web.forms import Form, blank, form_of
from server.web.rendering import render, see_other
from server.web.routing import Db, database_of, pages
from server.web.viewer import Viewer

router = pages()


@dataclass(frozen=True)
class OwnProjectCard:
    """A project on the first page: what one is there, and what to do next.

    `n_taken` posts are done from shared queues; None where one has none.
    """

    project: queries.OwnProject
    role: str
    n_done: int
    n_assigned: int
    n_taken: int | None
    n_left: int
    next_step: Station | None


@dataclass(frozen=True)
class HomePage:
    """The projects one is in."""

    projects: tuple[OwnProjectCard, ...]
    archived: tuple[OwnProjectCard, ...]
    may_create: bool
    is_set_up: bool


@dataclass(frozen=True)
class ProjectFormPage:
    """The form of a project that is to be made."""

    form: Form[Any]


@dataclass(frozen=True)
class ShowPage:
    """Where the study stands, for the one who looks. `room`: what a lead should know of the disk."""

    info: queries.ProjectInfo
    role: str
    notices: tuple[Notice, ...]
    stations: tuple[Station, ...]
    next_step: Station | None
    own_rounds: tuple[OwnRound, ...]
    n_left: int
    is_lead: bool
    timed_since: datetime | None
    room: str


@dataclass(frozen=True)
class EditPage:
    """What the project says about itself, to be changed."""

    form: Form[Any]
    info: queries.ProjectInfo


def overview_of(request: Request) -> Overview:
    """What the features tell about projects."""
    overview: Overview = request.app.state.overview
    return overview


@router.get("/", name="projects.home")
def home(request: Request, db: Db, viewer: SignedIn) -> Response:
    """List the projects one is in, with what to do next."""
    overview = overview_of(request)
    own = queries.own_projects(db, viewer.account_id)
    rounds = overview.own_rounds(db, viewer.account_id)
    leading = [project.id for project in own if project.role is Role.LEAD and not project.is_archived]
    stations = overview.of_projects(db, leading)
    cards = tuple(_card(project, rounds, stations.get(project.id, ())) for project in own)
    page = HomePage(
        projects=tuple(card for card in cards if not card.project.is_archived),
        archived=tuple(card for card in cards if card.project.is_archived),
        may_create=may_create(viewer),
        is_set_up=is_set_up(db),
    )
    return render(request, "projects/home.html", page)


def _card(
    project: queries.OwnProject, rounds: tuple[OwnRound, ...], stations: tuple[Station, ...]
) -> OwnProjectCard:
    mine = [round_ for round_ in rounds if round_.project_id == project.id and not round_.is_locked]
    planned = [round_ for round_ in mine if round_.n_shared is None]
    shared = [round_ for round_ in mine if round_.n_shared is not None]
    return OwnProjectCard(
        project,
        role_word(project.role),
        n_done=sum(round_.n_done for round_ in planned),
        n_assigned=sum(round_.n_assigned for round_ in planned),
        n_taken=sum(round_.n_done for round_ in shared) if shared else None,
        n_left=sum(round_.n_left for round_ in mine),
        next_step=_first_open(stations),
    )


def _first_open(stations: tuple[Station, ...]) -> Station | None:
    return next((station for station in stations if not station.is_done), None)


def may_create(viewer: Viewer) -> bool:
    """Whether this account may make projects."""
    return viewer.may_create_projects or viewer.is_admin


def demand_creator(viewer: Viewer) -> None:
    """`Forbidden` for an account that may not make projects."""
    if not may_create(viewer):
        raise Forbidden(_("Your account may not create projects. An admin of this server can allow it."))


@router.get("/projects/new", name="projects.new")
def new(request: Request, viewer: SignedIn) -> Response:
    """Ask for the title of a new project."""
    demand_creator(viewer)
    return render(request, "projects/new.html", ProjectFormPage(blank(form_token=secrets.token_urlsafe(16))))


@router.post("/projects", name="projects.create")
def create(
    request: Request, db: Db, viewer: SignedIn, form: Annotated[Form[NewProjectForm], form_of(NewProjectForm)]
) -> Response:
    """Make the project; its creator is the lead."""
    demand_creator(viewer)
    try:
        wanted = form.checked()
    except Refusal as refusal:
        return render(request, "projects/new.html", ProjectFormPage(form.refused(refusal)), status=422)
    access = actions.create_project(
        db, viewer.account_id, wanted.title, wanted.description, form_token=wanted.form_token
    )
    notice = _("The project is made. The list below leads through the study.")
    return see_other(request, "projects.show", notice=notice, project_key=access.project_key)


def _room(request: Request) -> str:
    """What a lead should know of the disk."""
    return warning(database_of(request), request.app.state.settings.least_free_mb)


@router.get("/projects/{project_key}", name="projects.show")
def show(request: Request, db: Db, access: SeesProject) -> Response:
    """Where the study stands, and what comes next for the one who looks."""
    overview = overview_of(request)
    all_stations = overview.of_projects(db, [access.project_id])[access.project_id]
    stations = tuple(each.seen_by(access.may) for each in all_stations if access.may(each.needs))
    own = overview.own_rounds(db, access.account_id)
    rounds = tuple(round_ for round_ in own if round_.project_id == access.project_id)
    page = ShowPage(
        info=queries.project_info(db, access),
        role=role_word(access.role),
        notices=overview.noticed_by(db, access),
        stations=stations,
        next_step=_first_open(stations) if access.role is Role.LEAD else None,
        own_rounds=rounds,
        n_left=sum(round_.n_left for round_ in rounds),
        is_lead=access.role is Role.LEAD,
        timed_since=overview.timed_since(db, access.project_id),
        room=_room(request) if access.role is Role.LEAD else "",
    )
    return render(request, "projects/show.html", page)


@router.get("/projects/{project_key}/settings", name="projects.edit")
def edit(request: Request, db: Db, access: EditsProject) -> Response:
    """Offer to change what the project says about itself, or to archive it."""
    info = queries.project_info(db, access)
    form = blank(title=info.title, description=info.description)
    return render(request, "projects/edit.html", EditPage(form, info))


@router.post("/projects/{project_key}/settings", name="projects.save")
def save(
    request: Request, db: Db, access: EditsProject, form: Annotated[Form[ProjectForm], form_of(ProjectForm)]
) -> Response:
    """Change what the project says about itself."""
    try:
        wanted = form.checked()
    except Refusal as refusal:
        page = EditPage(form.refused(refusal), queries.project_info(db, access))
        return render(request, "projects/edit.html", page, status=422)
    actions.edit_project(db, access, wanted.title, wanted.description)
    return see_other(request, "projects.edit", notice=_("Saved."))


@router.post("/projects/{project_key}/archive", name="projects.archive")
def archive(request: Request, db: Db, access: EditsProject) -> Response:
    """Put the project away."""
    actions.archive(db, access)
    return see_other(request, "projects.edit", notice=_("The project is archived. It can still be read."))


@router.post("/projects/{project_key}/restore", name="projects.restore")
def restore(request: Request, db: Db, access: EditsProject) -> Response:
    """Take the project out of the archive."""
    actions.restore(db, access)
    return see_other(request, "projects.edit", notice=_("The project is restored. Work can go on."))

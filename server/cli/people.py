"""The commands about accounts and projects."""

import secrets
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.actions import create_account, demand_account, make_setup_link
from server.accounts.queries import all_accounts, is_set_up
from server.cli.opening import opened
from server.cli.options import BaseUrl, Data, DatabaseUrl, settings_of
from server.errors import NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.projects.actions import create_project
from server.projects.models import Member
from server.projects.models import Project as ProjectRow
from server.projects.roles import Role

Name = Annotated[str, typer.Argument(help="The name to sign in with")]
Project = Annotated[str, typer.Option(help="The project's key or its title")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    user = typer.Typer(help="Accounts of this server.")
    user.command("add")(add_user)
    user.command("list")(list_users)
    project = typer.Typer(help="Projects of this server.")
    project.command("create")(add_project)
    project.command("list")(list_projects)
    app.command("setup-link")(setup_link)
    app.add_typer(user, name="user")
    app.add_typer(project, name="project")


def new_password() -> str:
    """A random password that can be read out and typed: about 80 bits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _place in range(4)) for _group in range(4))


def setup_link(data: Data = None, database_url: DatabaseUrl = None, base_url: BaseUrl = None) -> None:
    """Print a new one-time link for the first admin."""
    settings = settings_of(data=data, database_url=database_url, base_url=base_url)
    with opened(settings, create=True) as database, database.writing() as db:
        if is_set_up(db):
            raise Refusal(
                _("This server has an admin already. An admin can make a reset link on the accounts page.")
            )
        token = make_setup_link(db)
    print(f"{settings.resolved_base_url}/set-up/{token}")


def add_user(
    name: Name,
    shown: Annotated[str, typer.Option(help="The name that others see; default: the sign-in name")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="May look after the server")] = False,
    lead: Annotated[bool, typer.Option("--lead", help="May create projects")] = False,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an account and print its password, once."""
    password = new_password()
    settings = settings_of(data=data, database_url=database_url)
    with opened(settings, create=True) as database, database.writing() as db:
        create_account(db, None, name, shown or name, password, admin, admin or lead)
    print(password)


def list_users(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """List the accounts: name, shown name, what they are, and the number that logs know them by."""
    with opened(settings_of(data=data, database_url=database_url)) as database, database.reading() as db:
        for account in all_accounts(db):
            marks = (("admin", account.is_admin), ("lead", account.may_create_projects))
            said = [word for word, is_so in marks if is_so]
            said += [] if account.is_active else ["deactivated"]
            print("\t".join([account.name, account.display_name, " ".join(said), str(account.id)]))


def add_project(
    title: Annotated[str, typer.Argument(help="The project's title")],
    lead: Annotated[str, typer.Option(help="The account that leads it")],
    description: Annotated[str, typer.Option(help="What the study is about")] = "",
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a project and print its key."""
    if not title.strip():
        raise Refusal(_("A project needs a title."))
    settings = settings_of(data=data, database_url=database_url)
    with opened(settings, upgrade=True) as database, database.writing() as db:
        made = create_project(db, _active_account(db, lead), title.strip(), description)
    print(made.project_key)


def _active_account(db: Session, name: str) -> int:
    try:
        account = demand_account(db, name)
    except NotFound as missing:
        raise Refusal(
            _("There is no account called %s. Make one with `intercoder user add`.") % name
        ) from missing
    if not account.is_active:
        raise Refusal(_("The account %s is deactivated, so it cannot lead a project.") % name)
    return account.id or 0


def list_projects(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """List the projects: key, title, and whether it is archived."""
    with opened(settings_of(data=data, database_url=database_url)) as database, database.reading() as db:
        for project in db.scalars(select(ProjectRow).order_by(col(ProjectRow.title), col(ProjectRow.id))):
            said = ["archived"] if project.archived_at else []
            print("\t".join([project.key, " ".join(project.title.split()), *said]))


def lead_of(db: Session, wanted: str, *, to_change: bool = False) -> Access:
    """The first active lead of the project with this key or title: the shell acts in their name.

    What they may not see yet because they code in a round themselves, the shell does not show either. The
    history notes apart that the command came through the shell.

    Raises:
        Refusal: there is no such project, or it is archived and the command is `to_change` it.
    """
    project = project_of(db, wanted)
    if to_change and project.archived_at is not None:
        raise Refusal(_("The project %s is archived, so nothing in it changes.") % wanted)
    member = db.scalars(
        select(Member)
        .where(col(Member.project_id) == project.id, col(Member.role) == Role.LEAD, col(Member.is_active))
        .order_by(col(Member.number))
        .limit(1)
    ).first()
    if member is None:
        raise Refusal(_("The project %s has no lead. Make one on its members page.") % wanted)
    return Access(member.account_id, member.id or 0, Role.LEAD, project.id or 0, project.key, project.title)


def project_of(db: Session, wanted: str) -> ProjectRow:
    """The project with this key or title; `Refusal` where there is none, or more than one."""
    by_key = db.scalars(select(ProjectRow).where(col(ProjectRow.key) == wanted)).one_or_none()
    found = (
        [by_key] if by_key else list(db.scalars(select(ProjectRow).where(col(ProjectRow.title) == wanted)))
    )
    if not found:
        raise Refusal(
            _("There is no project with the key or title %s. `intercoder project list` shows them.") % wanted
        )
    if len(found) > 1:
        raise Refusal(
            _("Several projects are called %s. Give the key; `intercoder project list` shows it.") % wanted
        )
    return found[0]

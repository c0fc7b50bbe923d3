"""The demonstration: the synthetic sample study, served on this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.accounts.actions import create_account, demand_account, set_password
from server.accounts.models import Account
from server.accounts.passwords import hash_password
from server.cli.listening import listening
from server.cli.opening import opened
from server.cli.options import held_alone, settings_of
from server.cli.people import new_password
from server.cli.serving import Host, Port, door_of, serve_on
from server.errors import Refusal
from server.language import gettext as _
from server.projects.actions import add_member, create_project
from server.projects.models import Project
from server.projects.roles import Role
from server.sample.store import store_study
from server.sample.study import sample_study
from server.settings import Settings

DATA = Path("data/demo")
LEAD = ("lead", "Lead researcher")
SIGN_IN_NAMES = {"Annotator A": "annotator-a", "Annotator B": "annotator-b", "Annotator C": "annotator-c"}
PEOPLE = (LEAD, *((name, shown) for shown, name in SIGN_IN_NAMES.items()))


@dataclass(frozen=True)
class SignIn:
    """What a person types to sign in."""

    shown: str
    name: str
    password: str


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(demo)


def demo(
    data: Annotated[Path, typer.Option(help="Where the sample study is kept")] = DATA,
    host: Host = None,
    port: Port = None,
) -> None:
    """Serve a synthetic sample study, with new random passwords each time."""
    # Always in a SQLite file of its own, even where the environment names the database of a real study.
    wanted = settings_of(data=data, database_url="", host=host, port=port)
    with listening(wanted) as (listener, settings), held_alone(settings):
        _say(settings, fill(settings))
        serve_on(listener, door_of(settings))


def fill(settings: Settings) -> list[SignIn]:
    """Store the sample study unless it is there, and give everybody a new password.

    Raises:
        Refusal: the folder holds another study, which is left as it is.
    """
    passwords = [SignIn(shown, name, new_password()) for name, shown in PEOPLE]
    hashes = [hash_password(each.password) for each in passwords]
    with opened(settings, create=True) as database, database.writing() as db:
        if not db.scalar(select(func.count()).select_from(Account)):
            _store(db)
        elif not _is_sample(db):
            raise Refusal(
                _("%s holds another study. Choose another folder for the sample with --data.") % settings.data
            )
        for each, password_hash in zip(passwords, hashes, strict=True):
            set_password(db, None, demand_account(db, each.name).id or 0, password_hash)
    return passwords


def _is_sample(db: Session) -> bool:
    """Whether the people of the sample are here, and a synthetic study that the lead made."""
    names = [name for name, _shown in PEOPLE]
    people = db.scalar(select(func.count()).where(col(Account.name).in_(names)))
    studies = select(col(Project.id)).join(Account, col(Account.id) == col(Project.created_by))
    made = studies.where(col(Account.name) == LEAD[0], col(Project.is_synthetic))
    return people == len(names) and db.scalar(made.limit(1)) is not None


def _store(db: Session) -> None:
    study = sample_study()
    account_id = create_account(db, None, *LEAD, is_admin=True, may_create_projects=True)
    lead = create_project(db, account_id, study.title, study.about, is_synthetic=True)
    annotators = {}
    for shown in study.annotators:
        person = create_account(db, None, SIGN_IN_NAMES[shown], shown)
        annotators[shown] = add_member(db, lead.project_id, person, Role.ANNOTATOR, actor_id=account_id)
    store_study(db, lead, annotators, study)


def _say(settings: Settings, people: list[SignIn]) -> None:
    table = Table("", _("sign-in name"), _("password"), box=None)
    for person in people:
        table.add_row(person.shown, person.name, person.password)
    console = Console(markup=False, highlight=False, soft_wrap=True)
    console.print(_("The sample study is at %s (stop with Ctrl+C)") % settings.resolved_base_url)
    console.print(_("These passwords were made just now; the next start makes new ones."))
    console.print(table)

"""The demonstration: the synthetic sample study, served on this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlmodel import Session, col

from server.accounts.actions import create_account, set_password
from server.accounts.models import Account
from server.accounts.passwords import hash_password
from server.cli.options import opened, prepare, settings_of
from server.cli.people import new_password
from server.cli.serving import Host, Port, listen, serve_on
from server.language import gettext as _
from server.projects.actions import add_member, create_project
from server.projects.roles import Role
from server.sample.store import store_study
from server.sample.study import sample_study
from server.settings import Settings

DATA = Path("data/demo")
LEAD = ("lead", "Lead researcher")
SIGN_IN_NAMES = {"Annotator A": "annotator-a", "Annotator B": "annotator-b", "Annotator C": "annotator-c"}


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
    settings = settings_of(data=data, database_url="", host=host, port=port)
    listener = listen(settings)
    prepare(settings)
    _say(settings, fill(settings))
    serve_on(listener, settings)


def fill(settings: Settings) -> list[SignIn]:
    """Store the sample study unless it is there, and give everybody a new password."""
    with opened(settings) as database, database.writing() as db:
        if db.scalar(select(col(Account.id)).where(col(Account.name) == LEAD[0])) is None:
            _store(db)
        people = [LEAD, *((name, shown) for shown, name in SIGN_IN_NAMES.items())]
        return [_sign_in(db, name, shown) for name, shown in people]


def _store(db: Session) -> None:
    study = sample_study()
    account_id = create_account(db, None, *LEAD, is_admin=True, may_create_projects=True)
    lead = create_project(db, account_id, study.title, study.about, is_synthetic=True)
    annotators = {}
    for shown in study.annotators:
        person = create_account(db, None, SIGN_IN_NAMES[shown], shown)
        annotators[shown] = add_member(db, lead.project_id, person, Role.ANNOTATOR, actor_id=account_id)
    store_study(db, lead, annotators, study)


def _sign_in(db: Session, name: str, shown: str) -> SignIn:
    password = new_password()
    account = db.scalars(select(Account).where(col(Account.name) == name)).one()
    set_password(db, None, account.id or 0, hash_password(password))
    return SignIn(shown, name, password)


def _say(settings: Settings, people: list[SignIn]) -> None:
    table = Table("", _("sign-in name"), _("password"), box=None)
    for person in people:
        table.add_row(person.shown, person.name, person.password)
    console = Console()
    console.print(_("The sample study is at %s (stop with Ctrl+C)") % settings.resolved_base_url)
    console.print(_("These passwords were made just now; the next start makes new ones."))
    console.print(table)

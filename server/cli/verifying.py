"""The command that checks the history."""

from collections.abc import Iterator
from typing import Annotated

import typer
from sqlalchemy import select
from sqlmodel import Session, col

from server.cli.opening import opened
from server.cli.options import Data, DatabaseUrl, settings_of
from server.cli.people import project_of
from server.errors import Refusal
from server.history.checking import Checked, fault_words
from server.history.links import SERVER_CHAIN
from server.history.queries import chains, check_chain
from server.language import gettext as _
from server.language import ngettext
from server.projects.models import Project
from server.rebuilding.queries import members_by_number, rebuild
from server.rebuilding.words import difference_words, remarks, result_words


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command("verify-history")(verify_history)


def verify_history(
    project: Annotated[str | None, typer.Option(help="The project's key or its title")] = None,
    _all: Annotated[
        bool, typer.Option("--all", help="Every project and the server's own history; so without --project")
    ] = False,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Check the history, and rebuild codings and decisions from it; exit code 1 where something differs."""
    if project is not None and _all:
        raise Refusal(_("--project and --all exclude each other."))
    n_faulty = 0
    with opened(settings_of(data=data, database_url=database_url)) as database, database.reading() as db:
        for chain, name in _wanted(db, project):
            checked = check_chain(db, chain)
            n_faulty += checked.found is not None
            print(f"{name}: {_said(checked)}")
            if checked.found is None and chain != SERVER_CHAIN:
                n_faulty += _compared(db, chain)
    if n_faulty:
        raise typer.Exit(1)


def _wanted(db: Session, project: str | None) -> Iterator[tuple[int, str]]:
    """The chains to check, each with its name: the server's first, then the projects'."""
    if project is not None:
        found = project_of(db, project)
        yield found.id or 0, _name(found)
        return
    yield SERVER_CHAIN, _("the server")
    rows = {row.id or 0: _name(row) for row in db.scalars(select(Project).order_by(col(Project.id)))}
    yield from rows.items()
    for chain in chains(db):
        if chain not in rows and chain != SERVER_CHAIN:
            yield chain, _("a project that is gone (%s)") % chain


def _name(project: Project) -> str:
    return f"{project.key} {' '.join(project.title.split())}"


def _said(checked: Checked) -> str:
    if checked.found:
        return _("NOT WHOLE. %s") % fault_words(checked.found)
    said = ngettext("ok, %s event", "ok, %s events", checked.n_sound) % checked.n_sound
    return said + (_(", last hash %s") % checked.last.hash if checked.last else "")


def _compared(db: Session, project_id: int) -> bool:
    """Tell what was rebuilt; whether it differs from what is stored."""
    rebuilt = rebuild(db, project_id)
    if rebuilt.is_empty:
        return False
    print(f"  {result_words(rebuilt)}")
    for said in remarks(rebuilt):
        print(f"  {said}")
    people = members_by_number(db, project_id)
    for each in rebuilt.named:
        print(f"  {difference_words(each, people, is_blind=False)}")
    return rebuilt.n_differences > 0

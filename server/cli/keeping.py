"""The commands that keep data safe: backup, restore, check, and moving to another database."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError

from server.cli.opening import opened
from server.cli.options import Data, DatabaseUrl, held_alone, prepare, reachable, settings_of
from server.db.engine import Database, connection_of
from server.errors import Refusal
from server.keeping.backups import Kept, back_up, forget_older, restore_postgres, restore_sqlite
from server.keeping.checks import check_all
from server.keeping.copying import copy_rows
from server.keeping.files import in_one_transaction, sqlite_file
from server.language import gettext as _
from server.language import ngettext, number
from server.settings import Settings
from server.takedown.log import FILE, Entry, add_new, entries_in, entries_of_all, repeat


def add_to(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(backup)
    app.command()(restore)
    app.command()(check)
    app.command("migrate-data")(migrate_data)


def backup(
    place: Annotated[Path, typer.Argument(help="The file to write, or a folder that gets one by date")],
    keep: Annotated[
        int | None, typer.Option(min=1, help="Into a folder, of which so many of the newest backups stay")
    ] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write everything into one file, checked, while the server goes on working."""
    if keep is not None:
        _make_folder(place)
    with opened(settings_of(data=data, database_url=database_url)) as database:
        kept = back_up(database, place)
        print(_said(kept))
        with database.reading() as db:
            taken_down = entries_of_all(db)
    # Also where the list cannot be written: backups that are made and never deleted fill the disk.
    for gone in forget_older(place, keep) if keep else ():
        print(_("deleted: %s") % gone)
    _list_beside(kept.file.parent, taken_down)


def _list_beside(folder: Path, entries: Iterable[Entry]) -> None:
    """Add what was taken down to a folder's list, by which an older backup loses it when it is restored."""
    if not add_new(folder, entries):
        raise Refusal(_("The list of what was taken down cannot be written: %s") % (folder / FILE))


def _make_folder(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Refusal(_("%s is not a folder, and cannot be made one.") % place) from problem


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `intercoder backup` wrote")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Set the present SQLite database aside, under another name")
    ] = False,
    takedowns_of: Annotated[
        str | None,
        typer.Option(
            help="The database it stands in for, if it can be reached: what is down there stays down"
        ),
    ] = None,
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Bring a backup back, into SQLite or an empty PostgreSQL database. Stop the server before."""
    settings = settings_of(data=data, database_url=database_url)
    target = sqlite_file(settings.resolved_database_url)

    def note_takedowns() -> None:
        """Before anything is brought back: a server does it even if this command is killed halfway."""
        _list_beside(settings.data, _taken_down(file, target, takedowns_of))

    with held_alone(settings):
        if target is None:
            kept = _into_postgres(file, settings, note_takedowns)
        else:
            kept = _into_sqlite(file, target, replace, note_takedowns)
        print(_said(kept))
        with opened(settings, upgrade=True) as database:
            if n := repeat(database, settings.data):
                print(_("Posts that a backup had brought back were taken down again: %s") % n)
            _refuse_faulty(database)


def _taken_down(file: Path, target: Path | None, takedowns_of: str | None) -> Iterator[Entry]:
    """What was taken down since a backup, by the list beside it and the databases that are still there."""
    yield from entries_in(file.parent)
    if takedowns_of is not None:
        other = settings_of(database_url=takedowns_of)
        _refuse_missing(other)
        with reachable(other):
            yield from _entries_at(other.resolved_database_url)
    if target is not None and target.exists():
        try:
            yield from _entries_at(f"sqlite:///{target.resolve()}")
        except DatabaseError:
            print(_("What was taken down in the database that was there cannot be read: %s") % target)


def _refuse_missing(settings: Settings) -> None:
    # Asking SQLite about a file that is not there would make it.
    file = sqlite_file(settings.resolved_database_url)
    if file is not None and not file.exists():
        raise Refusal(_("There is no database at %s.") % file)


def _entries_at(url: str) -> list[Entry]:
    with in_one_transaction(url) as connection:
        return entries_of_all(connection)


def _into_sqlite(file: Path, target: Path, replace: bool, before: Callable[[], None]) -> Kept:
    if target.exists() and not replace:
        raise Refusal(_("There is a database at %s. With --replace it is set aside first.") % target)
    kept = restore_sqlite(file, target, before)
    if kept.aside:
        print(_("The database that was there is now %s") % kept.aside)
    return kept


def _into_postgres(file: Path, settings: Settings, before: Callable[[], None]) -> Kept:
    prepare(settings)
    return restore_postgres(file, settings.resolved_database_url, before)


def check(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Check the file, references, counters and history; exit code 1 where something is wrong."""
    with opened(settings_of(data=data, database_url=database_url)) as database:
        _refuse_faulty(database)


def _refuse_faulty(database: Database) -> None:
    is_faulty = False
    with database.reading() as db:
        for finding in check_all(db):
            print(f"{finding.about}: {finding.wrong or finding.told or _('ok')}", flush=True)
            is_faulty |= bool(finding.wrong)
    if is_faulty:
        raise typer.Exit(1)


def migrate_data(
    to: Annotated[str, typer.Option(help="The address of the database to write to, PostgreSQL or SQLite")],
    data: Data = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Copy everything into another, empty database and compare both. Stop the server before."""
    target = settings_of(database_url=to)
    prepare(target)
    with opened(settings_of(data=data, database_url=database_url)) as source, source.reading() as db:
        if source.url == target.resolved_database_url:
            raise Refusal(_("Both are the same database."))
        with in_one_transaction(target.resolved_database_url) as connection:
            found = copy_rows(connection_of(db), connection)
    for table, digest in found.items():
        if digest.rows:
            print(f"{table}: {number(digest.rows)} {digest.content[:12]}")
    print(_("Counts and contents of both are equal. Start the server with the new address."))


def _said(kept: Kept) -> str:
    said = ngettext("{file}: {n} row, whole", "{file}: {n} rows, whole", kept.n_rows)
    return said.format(file=kept.file, n=number(kept.n_rows))

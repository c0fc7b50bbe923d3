"""Options that every command takes, and the settings they make."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DatabaseError

from server.corpora.unseen import hide
from server.db.engine import Database
from server.db.holding import held
from server.db.migrate import migrate, refuse_newer
from server.db.revisions import NEWEST, revision
from server.deferred import protection
from server.errors import Refusal
from server.language import gettext as _
from server.settings import Settings

Data = Annotated[Path | None, typer.Option(help="The data folder [INTERCODER_DATA; default: data]")]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="PostgreSQL address; SQLite without it [INTERCODER_DATABASE_URL]")
]


def settings_of(**given: Any) -> Settings:
    """Settings from the environment, overruled by what was given on the command line."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as problem:
        first = problem.errors()[0]
        option = str(first["loc"][0]).replace("_", "-")
        raise Refusal(
            _("--%(option)s cannot be used: %(why)s.") % {"option": option, "why": first["msg"]}
        ) from problem
    _refuse_exposed(settings)
    return settings


def _refuse_exposed(settings: Settings) -> None:
    """Nothing is said to a database where others could listen, whichever command it is."""
    if not settings.database_url or settings.closed_network:
        return
    with _reachable(settings):
        host = protection.exposed_host(settings.resolved_database_url)
    if host:
        raise Refusal(
            _(
                "What is said to the database at %s could be read or changed on its way. Put "
                "?sslmode=verify-full at the end of its address, or set INTERCODER_CLOSED_NETWORK=true where "
                "nobody else is on that network."
            )
            % host
        )


def prepare(settings: Settings) -> None:
    """Make the data folder and bring the database to the present schema."""
    if not settings.database_url:
        _make_folder(settings.data)
    with _reachable(settings):
        migrate(settings.resolved_database_url)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink(missing_ok=True)
    except OSError as problem:
        raise Refusal(_("The data folder %s cannot be written to.") % folder) from problem


@contextmanager
def held_alone(settings: Settings) -> Iterator[None]:
    """Keep other servers away from a SQLite folder; several may work on one PostgreSQL database."""
    if not settings.database_url:
        _make_folder(settings.data)
    with nullcontext() if settings.database_url else held(settings.data):
        yield


@contextmanager
def opened(settings: Settings, *, create: bool = False, upgrade: bool = False) -> Iterator[Database]:
    """The database of these settings. It must be there and of the present schema.

    With `create` it is made where it is missing; with `upgrade` an older one is brought up to date.
    """
    if create:
        prepare(settings)
    else:
        _demand(settings, upgrade)
    database = Database(settings.resolved_database_url, settings.threads)
    hide(database)  # What a server has left half written, when it was killed, is not to be read.
    try:
        yield database
    finally:
        database.dispose()


def _demand(settings: Settings, upgrade: bool) -> None:
    url, found = settings.resolved_database_url, _revision(settings)
    if found is None:
        where = _("at this address") if settings.database_url else _("in %s") % settings.data
        raise Refusal(
            _("There is no Intercoder database %s. `intercoder user add` makes one with its first account.")
            % where
        )
    with _reachable(settings):
        if upgrade:
            migrate(url)
        refuse_newer(url)
    if not upgrade and found != NEWEST:
        raise Refusal(_("The database was made by an older Intercoder. Run `intercoder migrate` first."))


def _revision(settings: Settings) -> str | None:
    # Asking SQLite about a file that is not there would make it.
    if not settings.database_url and not (settings.data / "intercoder.sqlite3").exists():
        return None
    with _reachable(settings):
        return revision(settings.resolved_database_url)


@contextmanager
def _reachable(settings: Settings) -> Iterator[None]:
    try:
        yield
    except DatabaseError as problem:
        where = "" if settings.database_url else f" {settings.data / 'intercoder.sqlite3'}"
        reason = str(problem.orig).strip().splitlines()[0]
        raise Refusal(
            _("The database%(where)s cannot be opened: %(reason)s") % {"where": where, "reason": reason}
        ) from problem
    except (ArgumentError, ModuleNotFoundError) as problem:
        raise Refusal(
            _(
                "--database-url is not the address of a PostgreSQL database: postgresql://NAME:PASSWORD@HOST/NAME"
            )
        ) from problem

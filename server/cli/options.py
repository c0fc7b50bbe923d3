"""Options that every command takes, and the settings they make."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DatabaseError

from server.db.holding import held
from server.db.migrate import migrate
from server.deferred import protection
from server.errors import Refusal
from server.language import gettext as _
from server.settings import Settings

Data = Annotated[Path | None, typer.Option(help="The data folder [INTERCODER_DATA; default: data]")]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="PostgreSQL address; SQLite without it [INTERCODER_DATABASE_URL]")
]

BaseUrl = Annotated[
    str | None,
    typer.Option(help="Address people type, for links [INTERCODER_BASE_URL; default: http://HOST:PORT]"),
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
    with reachable(settings):
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
    with reachable(settings):
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
def reachable(settings: Settings) -> Iterator[None]:
    """Say what keeps the database of these settings from being opened."""
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

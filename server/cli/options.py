"""Options that every command takes, and the settings they make."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from server.db.engine import Database
from server.db.migrate import migrate, revision
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
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as problem:
        first = problem.errors()[0]
        raise Refusal(f"{first['loc'][0]}: {first['msg']}") from problem


def prepare(settings: Settings) -> None:
    """Make the data folder and bring the database to the present schema."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        (settings.data / ".writable").touch()
        (settings.data / ".writable").unlink()
    except OSError as problem:
        raise Refusal(_("The data folder %s cannot be written to.") % settings.data) from problem
    with _reachable():
        migrate(settings.resolved_database_url)


@contextmanager
def opened(settings: Settings, *, create: bool = False) -> Iterator[Database]:
    """The database of these settings; made and migrated with `create`, else it must be there."""
    if create:
        prepare(settings)
    elif not _exists(settings):
        raise Refusal(_("There is no Intercoder database in %s.") % settings.data)
    database = Database(settings.resolved_database_url, settings.threads)
    try:
        yield database
    finally:
        database.dispose()


def _exists(settings: Settings) -> bool:
    if not settings.database_url and not (settings.data / "intercoder.sqlite3").exists():
        return False
    with _reachable():
        return revision(settings.resolved_database_url) is not None


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except OperationalError as problem:
        reason = str(problem.orig).strip().splitlines()[0]
        raise Refusal(_("The database cannot be reached: %s") % reason) from problem

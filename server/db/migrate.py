"""Migrations: bring a database to the present schema, or say how far it is."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from server.errors import Refusal
from server.language import gettext as _

_SERVER = Path(__file__).parents[1]


def configuration(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    beside = _SERVER.parent / "migrations"
    config = Config()
    config.set_main_option(
        "script_location", str(beside if beside.exists() else _SERVER / "bundled/migrations")
    )
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema; does nothing where it is there already."""
    config = configuration(url)
    refuse_newer(url)
    command.upgrade(config, "head")


def refuse_newer(url: str) -> None:
    """`Refusal` where a newer Intercoder has written this database."""
    known = {script.revision for script in ScriptDirectory.from_config(configuration(url)).walk_revisions()}
    found = revision(url)
    if found is not None and found not in known:
        raise Refusal(
            _("This database was written by a newer Intercoder. Install that version, or a later one.")
        )


def revision(url: str) -> str | None:
    """The schema revision the database at `url` has; None for an empty one."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()

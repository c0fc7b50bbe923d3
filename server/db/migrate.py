"""Migrations: bring a database to the present schema, or refuse one from the future."""

from typing import Any

from sqlalchemy import make_url

from server.db.newest import make_newest
from server.db.revisions import MIGRATIONS, NEWEST, REVISIONS, revision
from server.deferred import alembic_command, alembic_config
from server.errors import Refusal
from server.language import gettext as _


def configuration(url: str) -> Any:
    """Alembic's configuration for the database at `url`."""
    config = alembic_config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema; does nothing where it is there already."""
    found = refuse_newer(url)
    if found is None and make_url(url).get_backend_name() == "sqlite":
        make_newest(url)
        found = revision(url)
    if found != NEWEST:
        alembic_command.upgrade(configuration(url), "head")


def refuse_newer(url: str) -> str | None:
    """The revision of a database, None of an empty one; `Refusal` where a newer Intercoder wrote it."""
    found = revision(url)
    if found not in {None, *REVISIONS}:
        raise Refusal(
            _("This database was written by a newer Intercoder. Install that version, or a later one.")
        )
    return found

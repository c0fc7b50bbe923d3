"""The command that brings a database to the present schema."""

import typer

from server.cli.opening import opened
from server.cli.options import Data, DatabaseUrl, prepare, settings_of
from server.language import gettext as _
from server.takedown.wiping import wipe


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("migrate")(migrate_database)


def migrate_database(data: Data = None, database_url: DatabaseUrl = None) -> None:
    """Bring the database to the present schema, and takedowns out of its files."""
    settings = settings_of(data=data, database_url=database_url)
    prepare(settings)
    print(_("The database is up to date."))
    with opened(settings) as database:
        # On SQLite the server does so by itself, and no other process may.
        if not database.is_sqlite and not wipe(database):
            said = _(
                "Posts that were taken down may still be in the files of the database; "
                "the lines above say why."
            )
            print(said)

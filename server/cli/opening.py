"""The database that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager

from server.cli.options import prepare, reachable
from server.corpora.unseen import hide
from server.db.engine import Database
from server.db.migrate import migrate, refuse_newer
from server.db.revisions import NEWEST, revision
from server.errors import Refusal
from server.language import gettext as _
from server.settings import Settings


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
    with reachable(settings):
        if upgrade:
            migrate(url)
        refuse_newer(url)
    if not upgrade and found != NEWEST:
        raise Refusal(_("The database was made by an older Intercoder. Run `intercoder migrate` first."))


def _revision(settings: Settings) -> str | None:
    # Asking SQLite about a file that is not there would make it.
    if not settings.database_url and not (settings.data / "intercoder.sqlite3").exists():
        return None
    with reachable(settings):
        return revision(settings.resolved_database_url)

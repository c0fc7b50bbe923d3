"""How much room the disk of a SQLite database has left."""

from pathlib import Path
from shutil import disk_usage

from sqlalchemy import make_url

from server.db.engine import Database
from server.language import gettext as _
from server.language import ngettext

MB = 1_000_000
# Pages warn while this many times the room is left below which the server calls itself unready.
WARNED_AT = 5


def free_mb(database: Database) -> int | None:
    """Whole MB left where the file lies; None where PostgreSQL keeps the data, or nobody can tell."""
    file = make_url(database.url).database
    if not database.is_sqlite or not file:
        return None
    try:
        return disk_usage(Path(file).parent).free // MB
    except OSError:  # An address that SQLite understands and that is no path.
        return None


def why_no_room(database: Database, least_mb: int) -> str:
    """Why nothing more should be saved, in words; empty where more than `least_mb` are left."""
    free = free_mb(database)
    return "" if free is None or free >= least_mb else _("The disk of the server is nearly full.")


def warning(database: Database, least_mb: int) -> str:
    """What those who look after a study or the server should know of the disk; mostly empty."""
    free = free_mb(database)
    if free is None or free >= least_mb * WARNED_AT:
        return ""
    said = ngettext(
        "The disk of the server is nearly full: %(count)d MB is left. When it is full nothing can be saved. "
        "Whoever looks after the server has to make room.",
        "The disk of the server is nearly full: %(count)d MB are left. When it is full nothing can be saved. "
        "Whoever looks after the server has to make room.",
        free,
    )
    return said % {"count": free}

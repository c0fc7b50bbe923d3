"""Whether what PostgreSQL calls stored is on a disk: it may be set to answer before."""

from sqlalchemy import bindparam, text
from sqlmodel import Session

from server.language import gettext as _

# With the first off nothing is waited for; with the second what was stored in the last moments is lost.
_WAITS = ("fsync", "synchronous_commit")
_OFF = text("SELECT name FROM pg_settings WHERE name IN :names AND setting = 'off' ORDER BY name").bindparams(
    bindparam("names", _WAITS, expanding=True)
)


def may_be_lost(db: Session) -> str:
    """By which settings what was saved is lost when the machine fails, in words; empty where none does so.

    SQLite is set by the server itself. That PostgreSQL's connections wait is asked for by
    `server.db.reaching`, which an address may overrule.
    """
    if db.get_bind().dialect.name != "postgresql":
        return ""
    found = ", ".join(f"{name} = off" for name in db.scalars(_OFF))
    said = _("PostgreSQL does not wait for its disk (%s): what was saved is lost when its machine fails.")
    return said % found if found else ""

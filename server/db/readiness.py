"""Whether a server can work on its database now."""

from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel

from server.db.engine import Database, connection_of
from server.db.migrate import configuration
from server.errors import IntercoderError
from server.language import gettext as _

# It changes nothing, and has to be written all the same: that a database only reads shows only then.
_WRITE = text("UPDATE alembic_version SET version_num = version_num")


def why_not_ready(database: Database) -> str:
    """What keeps a server from saving, in words; empty where nothing does."""
    try:
        with database.reading() as db:
            if is_older(db):
                return _("The database has an older schema than this server.")
            _read_nothing(db)
        with database.writing() as db:
            connection_of(db).execute(_WRITE)
    except IntercoderError as error:
        return error.message
    except SQLAlchemyError:
        return _("The database is not as this server needs it. `intercoder check` tells more.")
    return ""


def is_older(db: Session) -> bool:
    """Whether migrations are missing. A newer schema is one that a newer server beside this one needs."""
    return MigrationContext.configure(connection_of(db)).get_current_revision() in _older_revisions()


@cache
def _older_revisions() -> frozenset[str | None]:
    scripts = ScriptDirectory.from_config(configuration("sqlite://"))
    known = {script.revision for script in scripts.walk_revisions()}
    return frozenset({None, *known} - {scripts.get_current_head()})


def _read_nothing(db: Session) -> None:
    """Ask every table for its columns, of no row: where one is missing the database says so."""
    for table in SQLModel.metadata.sorted_tables:
        db.execute(select(table).limit(0))

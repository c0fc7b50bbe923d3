"""Whether a server can work on its database now."""

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel

from server.db.engine import Database, connection_of
from server.db.revisions import REVISIONS, revision_of
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
    return revision_of(connection_of(db)) in {None, *REVISIONS[:-1]}


def _read_nothing(db: Session) -> None:
    """Ask every table for its columns, of no row: where one is missing the database says so."""
    for table in SQLModel.metadata.sorted_tables:
        db.execute(select(table).limit(0))

"""Working out the disputes of large studies when the server starts, so that the first look does not wait."""

from sqlalchemy import select
from sqlmodel import col

from server.adjudication.filters import Filters, looked_up
from server.adjudication.memory import quick_disputes, remembered_disputes
from server.adjudication.scope import shared_scope
from server.db.engine import Database
from server.projects.models import Project


def warm(database: Database) -> None:
    """Keep in memory what the desks of all projects begin with, where it cannot be had in no time."""
    with database.reading() as db:
        ids = db.scalars(select(col(Project.id)).where(col(Project.archived_at).is_(None))).all()
    for project_id in filter(None, ids):
        with database.reading() as db:
            scope = shared_scope(db, project_id)
            lens = looked_up(Filters(), scope, ()).lens
            if quick_disputes(db, scope, lens) is None:
                remembered_disputes(db, scope, lens)

"""A history for rows that a test put into the tables by hand."""

from sqlmodel import Session, col, select

from server.adjudication.models import Decision
from server.adjudication.recorded import stored_decisions
from server.coding.recorded import keys_of, stored_codings
from server.history.actions import record
from server.history.contents import lines
from server.projects.models import Project
from server.rounds.models import Round


def tell(db: Session) -> None:
    """Record the codings and decisions of every project, as if they had come by an action."""
    for project_id in db.exec(select(col(Project.id))).all():
        keys = keys_of(db, project_id or 0)
        codings = stored_codings(db, keys, col(Round.project_id) == project_id)
        decisions = stored_decisions(db, keys, col(Decision.project_id) == project_id)
        contents = lines((row.post, row.facts) for row in (*codings, *decisions))
        record(
            db,
            project_id=project_id,
            actor_id=None,
            action="shell.import",
            subject="project",
            contents=contents,
        )

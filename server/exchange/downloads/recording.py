"""What left the server is noted in the history."""

from sqlmodel import Session

from server.history.actions import record
from server.projects.access import Access


def record_export(db: Session, access: Access, what: str, actor_id: int | None, **how: str | bool) -> None:
    """Note in the history that a file of the project left the server; without an actor through its shell.

    `how` says of which kind the file is, and what in it tells a text or a person.
    """
    record(
        db,
        project_id=access.project_id,
        actor_id=actor_id,
        action="export",
        subject="project",
        details={"what": what, **how},
    )

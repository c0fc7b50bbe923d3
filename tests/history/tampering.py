"""What somebody who owns the database can do, and the program cannot."""

from sqlalchemy import text
from sqlmodel import Session


def disarm(db: Session) -> None:
    """Take away what keeps events from being changed or removed."""
    connection = db.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    found = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'history_event'")
    for name in connection.scalars(found).all():
        connection.execute(text(f"DROP TRIGGER {name}"))

"""What all rows of tests have: a moment, an id, a way into the database."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

MOMENT = datetime(2025, 8, 8, 21, 14, tzinfo=UTC)


def id_of(row: Any) -> int:
    """The id of a row that is in the database."""
    assert isinstance(row.id, int)
    return row.id


def add(db: Session, *rows: Any) -> None:
    """Put rows into the database, so that they have ids."""
    db.add_all(rows)
    db.flush()

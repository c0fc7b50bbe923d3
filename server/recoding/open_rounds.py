"""Rounds that go on under an older version when a new one is published."""

from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from server.projects.access import Access
from server.rounds.models import Round


class OpenRound(NamedTuple):
    """A round in which annotators can still code."""

    number: int
    title: str


def open_rounds(db: Session, access: Access) -> tuple[OpenRound, ...]:
    """The rounds of the project that are not locked, in their order."""
    rows = db.execute(
        select(col(Round.number), col(Round.title))
        .where(col(Round.project_id) == access.project_id)
        .where(col(Round.locked_at).is_(None), col(Round.revealed_at).is_(None))
        .order_by(col(Round.number))
    )
    return tuple(OpenRound(*row) for row in rows)

"""Reading the history."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from server.history.models import HistoryEvent


@dataclass(frozen=True)
class Event:
    """One change, as it was recorded."""

    sequence: int
    at: datetime
    actor_id: int | None
    action: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which events to read: those of a person (or of the shell), of one action, before a sequence."""

    actor_id: int | None = None
    by_shell: bool = False
    action: str = ""
    before: int | None = None


def events(db: Session, chain: int, wanted: Wanted, limit: int) -> tuple[Event, ...]:
    """At most `limit` events of a chain, newest first."""
    statement = select(HistoryEvent).where(col(HistoryEvent.chain) == chain)
    if wanted.by_shell:
        statement = statement.where(col(HistoryEvent.actor_id).is_(None))
    elif wanted.actor_id is not None:
        statement = statement.where(col(HistoryEvent.actor_id) == wanted.actor_id)
    if wanted.action:
        statement = statement.where(col(HistoryEvent.action) == wanted.action)
    if wanted.before is not None:
        statement = statement.where(col(HistoryEvent.sequence) < wanted.before)
    rows = db.scalars(statement.order_by(col(HistoryEvent.sequence).desc()).limit(limit))
    return tuple(
        Event(row.sequence, row.at, row.actor_id, row.action, row.subject, json.loads(row.details))
        for row in rows
    )


def actions_done(db: Session, chain: int) -> tuple[str, ...]:
    """Every kind of action that a chain has, in alphabetical order."""
    statement = select(col(HistoryEvent.action)).where(col(HistoryEvent.chain) == chain)
    return tuple(sorted(db.scalars(statement.distinct())))

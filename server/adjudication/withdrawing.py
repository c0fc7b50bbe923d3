"""Taking many decisions back at once, in two statements however many they are."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, insert, literal, select, update
from sqlmodel import Session

from server.adjudication.standing import WITHDRAWN
from server.adjudication.writing import decision_table, standing_table
from server.projects.access import Access

_WHAT = ["project_id", "post_id", "variable_id", "basis", "reason", "supersedes_id"]
_BY_WHOM = ["decided_by", "decided_at"]


def withdraw_all(db: Session, access: Access, chosen: Select[Any], reason: str, at: datetime) -> int:
    """Take back those of the decisions with the ids `chosen` that still stand; returns how many did."""
    made, place = decision_table.c, standing_table.c
    withdrawals = (
        select(
            made.project_id,
            made.post_id,
            made.variable_id,
            literal(WITHDRAWN),
            literal(reason),
            made.id,
            literal(access.account_id),
            literal(at, made.decided_at.type),
        )
        .join_from(decision_table, standing_table, place.decision_id == made.id)
        .where(made.id.in_(chosen), made.basis != WITHDRAWN)
    )
    db.execute(insert(decision_table).from_select([*_WHAT, *_BY_WHOM], withdrawals))
    return follow(db, chosen)


def follow(db: Session, superseded: Select[Any]) -> int:
    """Let what superseded these decisions stand in their place; returns for how many."""
    later, place = decision_table.alias("later"), standing_table.c
    following = select(later.c.id).where(later.c.supersedes_id == place.decision_id)
    moved = db.connection().execute(
        update(standing_table)
        .where(place.decision_id.in_(superseded), following.exists())
        .values(decision_id=following.scalar_subquery())
    )
    return moved.rowcount

"""Writing decisions: each is a new row that supersedes the one before, and the standing one is moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlmodel import Session

from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.adjudication.standing import Standing
from server.coding.answers import Answer
from server.db.bulk_rows import insert_columns
from server.db.tables import sql_table
from server.errors import Conflict
from server.projects.access import Access
from server.projects.actions import hold_project

decision_table = sql_table(Decision)
decision_answer_table = sql_table(DecisionAnswer)
standing_table = sql_table(StandingDecision)


@dataclass(frozen=True)
class Ruling:
    """What is decided, on which basis and why; a withdrawal has no answers."""

    basis: str
    answers: frozenset[Answer]
    reason: str
    at: datetime


def one_at_a_time(db: Session, access: Access) -> None:
    """From here on nobody else decides in this project until the transaction ends.

    SQLite has one writer and does not need it.
    """
    hold_project(db, access.project_id)


def write(db: Session, access: Access, post_id: int, standing: Standing, ruling: Ruling) -> int:
    """Decide one variable of a post after `standing`; returns the id of the decision.

    Raises:
        Conflict: That stands no more.
    """
    decision = Decision(
        project_id=access.project_id,
        post_id=post_id,
        variable_id=standing.variable_id,
        basis=ruling.basis,
        reason=ruling.reason,
        supersedes_id=standing.decision_id,
        decided_by=access.account_id,
        decided_at=ruling.at,
    )
    db.add(decision)
    db.flush()
    write_answers(db, [(decision.id or 0, ruling.answers)])
    _move(db, access, post_id, standing, decision.id or 0)
    return decision.id or 0


def write_answers(db: Session, of: Iterable[tuple[int, frozenset[Answer]]]) -> None:
    """Store the answers of decisions."""
    rows = [(decision_id, answer) for decision_id, answers in of for answer in answers]
    columns: dict[str, Sequence[object]] = {
        "decision_id": [decision_id for decision_id, _answer in rows],
        "code_id": [answer.code_id for _id, answer in rows],
        "number": [answer.number for _id, answer in rows],
        "text": [answer.text for _id, answer in rows],
        "nothing_applies": [answer.nothing_applies for _id, answer in rows],
    }
    insert_columns(db, decision_answer_table, columns)


def _move(db: Session, access: Access, post_id: int, standing: Standing, decision_id: int) -> None:
    place = {"post_id": post_id, "variable_id": standing.variable_id}
    if standing.decision_id is None:
        row = {**place, "project_id": access.project_id, "decision_id": decision_id}
        db.execute(insert(standing_table), row)
        return
    columns = standing_table.c
    moved = db.connection().execute(
        update(standing_table)
        .where(
            columns.post_id == post_id,
            columns.variable_id == standing.variable_id,
            columns.decision_id == standing.decision_id,
        )
        .values(decision_id=decision_id)
    )
    if moved.rowcount != 1:
        raise Conflict

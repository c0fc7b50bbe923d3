"""Decisions as the history holds them: each row that was written, with codes by their keys."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from server.adjudication.models import Decision, DecisionAnswer, DecisionBatch
from server.coding.recorded import Keys, Stored, in_order, keys_of, said
from server.corpora.models import Post
from server.history.contents import Facts, Text, lines
from server.projects.access import Access


def last_decision(db: Session, access: Access) -> int:
    """The id of the newest decision of the project; nobody else may decide meanwhile."""
    newest = select(func.max(col(Decision.id))).where(col(Decision.project_id) == access.project_id)
    return db.scalar(newest) or 0


def lines_since(db: Session, access: Access, last: int) -> list[str]:
    """The lines of the history for every decision of the project after one."""
    since = (col(Decision.project_id) == access.project_id, col(Decision.id) > last)
    stored = stored_decisions(db, keys_of(db, access.project_id), *since)
    return lines((each.post, each.facts) for each in stored)


def stored_decisions(db: Session, keys: Keys, *where: ColumnElement[bool]) -> Iterator[Stored]:
    """The decisions of which a condition holds, as they are stored."""
    heads = db.execute(_heads().where(*where)).all()
    answers = _answers_of(db, *where)
    for head in heads:
        yield Stored(head.id, head.post_number, _facts(head, keys, answers.get(head.id, ())))


def _heads() -> Any:
    return (
        select(
            col(Decision.id),
            col(Post.number).label("post_number"),
            col(Decision.variable_id),
            col(Decision.basis),
            col(Decision.reason),
            col(Decision.supersedes_id),
            col(DecisionBatch.number).label("batch_number"),
            col(Decision.decided_by),
            col(Decision.decided_at),
        )
        .join(Post, col(Post.id) == col(Decision.post_id))
        .outerjoin(DecisionBatch, col(DecisionBatch.id) == col(Decision.batch_id))
        .order_by(col(Decision.id))
    )


def _answers_of(db: Session, *where: ColumnElement[bool]) -> Mapping[int, Sequence[Any]]:
    columns = (
        col(DecisionAnswer.decision_id),
        col(DecisionAnswer.code_id),
        col(DecisionAnswer.number),
        col(DecisionAnswer.text),
        col(DecisionAnswer.nothing_applies),
    )
    found: dict[int, list[Any]] = defaultdict(list)
    statement = select(*columns).join(Decision, col(Decision.id) == col(DecisionAnswer.decision_id))
    for row in db.execute(statement.where(*where)):
        found[row.decision_id].append(row)
    return found


def _facts(head: Any, keys: Keys, answers: Sequence[Any]) -> Facts:
    """What the history holds of a decision; what is empty is left out."""
    facts = {
        "decision": head.id,
        "question": keys.question(head.variable_id),
        "basis": head.basis,
        "answers": in_order([said(each, keys, head.variable_id) for each in answers]),
        "by": head.decided_by,
        "at": head.decided_at.isoformat(),
    }
    more = {
        "supersedes": head.supersedes_id,
        "bulk_decision": head.batch_number,
        "reason": Text(head.reason) if head.reason else None,
    }
    return facts | {name: value for name, value in more.items() if value is not None}

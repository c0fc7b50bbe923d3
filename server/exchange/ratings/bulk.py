"""Storing many codings at once: from a file of ratings, or of the sample study.

The same rows as the annotator's page writes, by few statements instead of several a coding.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from server.coding.answers import Answer
from server.coding.models import Coding, CodingAnswer, CodingSpan
from server.coding.spans import Span
from server.db.tables import sql_table
from server.rounds.counters import count
from server.rounds.models import Assignment

_assignment = sql_table(Assignment)
_coding = sql_table(Coding)
_answer = sql_table(CodingAnswer)
_span = sql_table(CodingSpan)

_ROWS_AT_ONCE = 5_000
Place = tuple[int, int]


@dataclass(frozen=True)
class BulkCoding:
    """What one member did with one post: answers, or a reason to skip it."""

    post_id: int
    member_id: int
    at: datetime
    answers: tuple[Answer, ...] = ()
    memo: str = ""
    is_unsure: bool = False
    skip_reason: str | None = None
    reason: str = ""
    spans: tuple[Span, ...] = ()

    @property
    def place(self) -> Place:
        """Which assignment of a round it belongs to."""
        return self.post_id, self.member_id


def store_codings(db: Session, round_id: int, version_id: int, codings: Sequence[BulkCoding]) -> None:
    """Store these codings and skips in assignments of the round that are there and queued."""
    ids = _assignment_ids(db, round_id)
    submitted = [coding for coding in codings if coding.skip_reason is None]
    insert_rows(db, _coding, (_coding_row(ids[coding.place], version_id, coding) for coding in submitted))
    coding_ids = _coding_ids(db, round_id)
    placed = [(coding_ids[ids[coding.place]], coding) for coding in submitted]
    answers = ((coding_id, answer) for coding_id, coding in placed for answer in coding.answers)
    spans = ((coding_id, span) for coding_id, coding in placed for span in coding.spans)
    insert_rows(db, _answer, ({"coding_id": coding_id, **asdict(answer)} for coding_id, answer in answers))
    insert_rows(db, _span, ({"coding_id": coding_id, **asdict(span)} for coding_id, span in spans))
    _settle(db, [_settled(ids[coding.place], coding, coding_ids) for coding in codings])
    _count(db, round_id, codings)


def _coding_row(assignment_id: int, version_id: int, coding: BulkCoding) -> dict[str, Any]:
    return {
        "assignment_id": assignment_id,
        "revision": 1,
        "version_id": version_id,
        "submitted_at": coding.at,
        "memo": coding.memo,
        "reason": coding.reason,
        "is_unsure": coding.is_unsure,
        "form_token": f"{assignment_id}-imported",
        "body_hash": "",
    }


def _settled(assignment_id: int, coding: BulkCoding, coding_ids: Mapping[int, int]) -> dict[str, Any]:
    skipped = coding.skip_reason is not None
    return {
        "b_id": assignment_id,
        "b_state": "skipped" if skipped else "submitted",
        "b_reason": coding.skip_reason,
        "b_coding": None if skipped else coding_ids[assignment_id],
        "b_at": coding.at,
    }


def _settle(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    statement = (
        update(_assignment)
        .where(_assignment.c.id == bindparam("b_id"))
        .values(
            state=bindparam("b_state"),
            skip_reason=bindparam("b_reason"),
            coding_id=bindparam("b_coding"),
            changed_at=bindparam("b_at"),
        )
    )
    if rows:
        db.connection().execute(statement, list(rows))


def _count(db: Session, round_id: int, codings: Iterable[BulkCoding]) -> None:
    done = Counter((coding.member_id, coding.skip_reason is None) for coding in codings)
    for (member_id, submitted), n in done.items():
        count(db, round_id, member_id, **{"n_submitted" if submitted else "n_skipped": n})


def _assignment_ids(db: Session, round_id: int) -> dict[Place, int]:
    table = _assignment.c
    rows = db.execute(select(table.post_id, table.member_id, table.id).where(table.round_id == round_id))
    return {(post_id, member_id): assignment_id for post_id, member_id, assignment_id in rows}


def _coding_ids(db: Session, round_id: int) -> dict[int, int]:
    rows = db.execute(
        select(_coding.c.assignment_id, _coding.c.id)
        .join(_assignment, _assignment.c.id == _coding.c.assignment_id)
        .where(_assignment.c.round_id == round_id)
    )
    return dict(rows.all())


def insert_rows(db: Session, table: SqlTable, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows a few thousand at a time."""
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _ROWS_AT_ONCE:
            db.connection().execute(insert(table), some)
            some = []
    if some:
        db.connection().execute(insert(table), some)

"""What is stored of a coding: its revisions, and the answers and passages of one of them."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from server.coding.answers import Answer
from server.coding.seat import Seat
from server.coding.spans import Span
from server.coding.tables import answer_table, coding_table, span_table
from server.db.prepared import Prepared

_coding, _answer, _span = coding_table.c, answer_table.c, span_table.c


@dataclass(frozen=True)
class Revision:
    """One stored revision of a coding, as far as a new one must know it."""

    coding_id: int
    revision: int
    form_token: str
    body_hash: str
    memo: str
    is_unsure: bool


_revisions = Prepared(
    select(
        _coding.id, _coding.revision, _coding.form_token, _coding.body_hash, _coding.memo, _coding.is_unsure
    )
    .where(_coding.assignment_id == bindparam("assignment_id"))
    .order_by(_coding.revision)
)
_answers = Prepared(
    select(_answer.variable_id, _answer.code_id, _answer.number, _answer.text, _answer.nothing_applies)
    .where(_answer.coding_id == bindparam("coding_id"))
    .order_by(_answer.id)
)
_spans = Prepared(
    select(_span.variable_id, _span.code_id, _span.start, _span.end).where(
        _span.coding_id == bindparam("coding_id")
    )
)


def revisions(connection: Connection, seat: Seat) -> tuple[Revision, ...]:
    """All revisions of the coding of an assignment, oldest first."""
    if seat.coding_id is None:
        return ()
    rows = _revisions.all(connection, {"assignment_id": seat.assignment_id})
    return tuple(Revision(*row) for row in rows)


def answers_of(connection: Connection, coding_id: int) -> tuple[Answer, ...]:
    """The answers of one coding, in the order they were given."""
    return tuple(Answer(*row) for row in _answers.all(connection, {"coding_id": coding_id}))


def spans_stored(connection: Connection, coding_id: int) -> frozenset[Span]:
    """The passages of one coding."""
    return frozenset(Span(*row) for row in _spans.all(connection, {"coding_id": coding_id}))

"""Writing what a rule accepts: a few statements that the database works through by itself.

Whoever writes holds SQLite's only writer, and annotators wait: 300,000 rows one by one take three times as
long as the same rows in one statement.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Integer, Text, case, insert, literal, select
from sqlmodel import Session

from server.adjudication.bulk import Proposal
from server.adjudication.models import DecisionBatch
from server.adjudication.rules import BASES
from server.adjudication.writing import decision_answer_table, decision_table, standing_table, write_answers
from server.agreement.lists import distinct_rows
from server.coding.answers import Answer
from server.db.bulk_rows import numbers_as_rows
from server.projects.access import Access

_Ints = NDArray[np.int64]


def carry_out(db: Session, access: Access, batch: DecisionBatch, proposal: Proposal) -> None:
    """Write the decisions of a proposal with their answers; which of them stand is another matter."""
    _decide(db, access, batch, proposal)
    ids = _ids(db, batch)
    codes = [answer for answer in proposal.single_answers if answer.number is None and answer.text is None]
    for answer in codes:
        _answer(db, ids[proposal.gives(answer)], answer)
    if len(codes) < len(proposal.single_answers):
        write_answers(db, _others(ids, proposal, frozenset(codes)))


def _decide(db: Session, access: Access, batch: DecisionBatch, proposal: Proposal) -> None:
    """A post and the place of its question and basis are one number, so that one list says it all."""
    said = proposal.table
    pairs, pair = distinct_rows(said[:, 1:3])
    rows = numbers_as_rows(db, said[:, 0] * len(pairs) + pair)
    post, which = rows.c.value // len(pairs), rows.c.value % len(pairs)
    variable = _chosen(which, pairs[:, 0].tolist(), Integer)
    bases = [BASES[place] for place in pairs[:, 1].tolist()]
    basis = _chosen(which, bases, Text)
    columns = {
        "post_id": post,
        "variable_id": variable,
        "basis": basis,
        "supersedes_id": _withdrawn(post, variable),
        "project_id": literal(access.project_id),
        "reason": literal(""),
        "batch_id": literal(batch.id),
        "decided_by": literal(access.account_id),
        "decided_at": literal(batch.decided_at, decision_table.c.decided_at.type),
    }
    chosen = select(*columns.values()).order_by(rows.c.value)
    db.execute(insert(decision_table).from_select(list(columns), chosen))


def _chosen(which: ColumnElement[int], values: list[Any], kind: Any) -> ColumnElement[Any]:
    return case({place: literal(value, kind) for place, value in enumerate(values)}, value=which)


def _withdrawn(post: ColumnElement[int], variable: ColumnElement[int]) -> ColumnElement[Any]:
    """The withdrawal that a decision follows: nothing else can stand where a rule still decides."""
    place = standing_table.c
    found = select(place.decision_id).where(place.post_id == post, place.variable_id == variable)
    return found.scalar_subquery()


def _ids(db: Session, batch: DecisionBatch) -> _Ints:
    """The ids of the decisions in the order of the proposal, which is the order of their writing."""
    made = decision_table.c
    ids = db.connection().execute(select(made.id).where(made.batch_id == batch.id).order_by(made.id))
    return np.fromiter(ids.scalars(), dtype=np.int64)


def _answer(db: Session, decision_ids: _Ints, answer: Answer) -> None:
    rows = numbers_as_rows(db, decision_ids)
    values = select(rows.c.value, literal(answer.code_id, Integer), literal(answer.nothing_applies))
    columns = ["decision_id", "code_id", "nothing_applies"]
    db.execute(insert(decision_answer_table).from_select(columns, values))


def _others(
    ids: _Ints, proposal: Proposal, written: frozenset[Answer]
) -> Iterator[tuple[int, frozenset[Answer]]]:
    """Numbers and texts, of which nearly every one is another."""
    for decision_id, accepted in zip(ids.tolist(), proposal.accepted, strict=True):
        if not accepted.answers <= written:
            yield decision_id, accepted.answers

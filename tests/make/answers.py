"""Answers to the questions of a codebook: codings, decisions, gold."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.codebooks.queries import Codebook
from server.coding.models import Coding, CodingAnswer, CodingSpan
from server.coding.spans import Span
from server.corpora.models import Post
from server.db.prepared import Prepared
from server.gold.models import Gold, GoldAnswer, StandingGold
from server.projects.access import Access
from server.rounds.models import Assignment, Round, RoundAnnotator
from tests.make.rows import MOMENT, add, id_of, put

Answers = Mapping[str, Sequence[str] | str | float | None]


_IN_ROUND = (Assignment.round_id == bindparam("of_round"), Assignment.member_id == bindparam("of_member"))


_assigned = Prepared(select(col(Assignment.id)).where(*_IN_ROUND, Assignment.post_id == bindparam("of_post")))


_submitted = Prepared(
    update(Assignment)
    .where(col(Assignment.id) == bindparam("of_assignment"))
    .values(state="submitted", coding_id=bindparam("of_coding"), changed_at=MOMENT)
)


_counted = Prepared(
    update(RoundAnnotator)
    .where(
        col(RoundAnnotator.round_id) == bindparam("of_round"),
        col(RoundAnnotator.member_id) == bindparam("of_member"),
    )
    .values(n_submitted=RoundAnnotator.n_submitted + 1)
)


@dataclass(frozen=True)
class Coded:
    """The ids of a coding and of what it answers."""

    id: int
    assignment_id: int


def coding(
    db: Session,
    book: Codebook,
    of: Round,
    post: Post,
    by: Access,
    answers: Answers,
    *,
    is_unsure: bool = False,
    memo: str = "",
    spans: Iterable[Span] = (),
) -> Coded:
    """A submitted coding. `answers`: variable key → code key, list of code keys (empty: nothing
    applies), number or text; None leaves the variable out."""
    db.flush()
    connection, place = db.connection(), {"of_round": of.id, "of_member": by.member_id}
    assignment_id = _assigned.all(connection, {**place, "of_post": post.id})[0].id
    row = {
        "assignment_id": assignment_id,
        "revision": 1,
        "version_id": book.version_id,
        "submitted_at": MOMENT,
        "memo": memo,
        "is_unsure": is_unsure,
        "form_token": secrets.token_hex(8),
        "body_hash": "",
    }
    [coding_id] = put(db, Coding, [row])
    put(db, CodingAnswer, ({"coding_id": coding_id, **cells} for cells in _answer_rows(book, answers)))
    put(db, CodingSpan, ({"coding_id": coding_id, **vars(span)} for span in spans))
    _submitted.run(connection, {"of_assignment": assignment_id, "of_coding": coding_id})
    _counted.run(connection, place)
    for known in db.identity_map.values():
        if isinstance(known, Assignment | RoundAnnotator):
            db.expire(known)
    return Coded(coding_id, assignment_id)


def _answer_rows(book: Codebook, answers: Answers) -> Iterator[dict[str, Any]]:
    for key, answer in answers.items():
        for cells in answer_cells(book, key, answer):
            yield {"variable_id": book.variable_by_key[key].id, **cells}


def answer_cells(book: Codebook, key: str, answer: Any) -> list[dict[str, Any]]:
    """The value columns of an answer, a dict a row."""
    variable = book.variable_by_key[key]
    if answer is None:
        return []
    if variable.kind == "number":
        return [{"number": float(answer)}]
    if variable.kind == "text":
        return [{"text": str(answer)}]
    if variable.kind == "multiple" and not answer:
        return [{"nothing_applies": True}]
    keys = [answer] if isinstance(answer, str) else list(answer)
    return [{"code_id": variable.code_by_key[code_key].id} for code_key in keys]


def decision(
    db: Session,
    book: Codebook,
    post: Post,
    key: str,
    answer: Any,
    by: Access,
    *,
    basis: str = "adjudicated",
    reason: str = "",
) -> Decision:
    """A standing decision of one variable of one post."""
    variable = book.variable_by_key[key]
    row = Decision(
        project_id=post.project_id,
        post_id=id_of(post),
        variable_id=id_of(variable),
        basis=basis,
        reason=reason,
        decided_by=by.account_id,
        decided_at=MOMENT,
    )
    add(db, row)
    put(db, DecisionAnswer, ({"decision_id": row.id, **cells} for cells in answer_cells(book, key, answer)))
    add(
        db,
        StandingDecision(
            post_id=id_of(post),
            variable_id=id_of(variable),
            project_id=post.project_id,
            decision_id=id_of(row),
        ),
    )
    return row


def gold(
    db: Session, book: Codebook, post: Post, answers: Answers, by: Access, *, note: str = "Read it twice."
) -> Gold:
    """The first edition of a post's gold answers."""
    row = Gold(
        post_id=id_of(post),
        edition=1,
        version_id=book.version_id,
        note=note,
        written_by=by.account_id,
        written_at=MOMENT,
    )
    add(db, row)
    put(db, GoldAnswer, ({"gold_id": row.id, **cells} for cells in _answer_rows(book, answers)))
    add(db, StandingGold(post_id=id_of(post), project_id=post.project_id, gold_id=id_of(row)))
    return row

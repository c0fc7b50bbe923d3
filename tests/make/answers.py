"""Answers to the questions of a codebook: codings, decisions, gold."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import Session, select

from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.codebooks.queries import Codebook
from server.coding.models import Coding, CodingAnswer, CodingSpan
from server.coding.spans import Span
from server.corpora.models import Post
from server.gold.models import Gold, GoldAnswer, StandingGold
from server.projects.access import Access
from server.rounds.models import Assignment, Round, RoundAnnotator
from tests.make.rows import MOMENT, add, id_of

Answers = Mapping[str, Sequence[str] | str | float | None]


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
) -> Coding:
    """A submitted coding. `answers`: variable key → code key, list of code keys (empty: nothing
    applies), number or text; None leaves the variable out."""
    assignment = db.exec(
        select(Assignment).where(
            Assignment.round_id == of.id, Assignment.post_id == post.id, Assignment.member_id == by.member_id
        )
    ).one()
    row = Coding(
        assignment_id=id_of(assignment),
        revision=1,
        version_id=book.version_id,
        submitted_at=MOMENT,
        memo=memo,
        is_unsure=is_unsure,
        form_token=secrets.token_hex(8),
        body_hash="",
    )
    add(db, row)
    for key, answer in answers.items():
        variable = book.variable_by_key[key]
        for cells in answer_cells(book, key, answer):
            db.add(CodingAnswer(coding_id=id_of(row), variable_id=id_of(variable), **cells))
    db.add_all(CodingSpan(coding_id=id_of(row), **vars(span)) for span in spans)
    assignment.state, assignment.coding_id, assignment.changed_at = "submitted", row.id, MOMENT
    counter = db.exec(
        select(RoundAnnotator).where(
            RoundAnnotator.round_id == of.id, RoundAnnotator.member_id == by.member_id
        )
    ).one()
    counter.n_submitted += 1
    add(db, assignment, counter)
    return row


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
    add(db, *(DecisionAnswer(decision_id=id_of(row), **cells) for cells in answer_cells(book, key, answer)))
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
    for key, answer in answers.items():
        of = id_of(book.variable_by_key[key])
        cells = answer_cells(book, key, answer)
        add(db, *(GoldAnswer(gold_id=id_of(row), variable_id=of, **each) for each in cells))
    add(db, StandingGold(post_id=id_of(post), project_id=post.project_id, gold_id=id_of(row)))
    return row

"""Earlier decisions on the same question, between the same codes, about posts with like words.

Looked at are the last decisions on the question that a person took, and no more: each page of a post asks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from server.adjudication.answers import Question, Table
from server.adjudication.decision_questions import words
from server.adjudication.models import Decision, DecisionAnswer, StandingDecision
from server.adjudication.scope import SUBMITTED, Scope, not_hidden
from server.adjudication.sharing import owed
from server.adjudication.standing import UNCLEAR, by_a_person
from server.codebooks.queries import VariableInfo
from server.coding.answers import Answer
from server.coding.models import CodingAnswer
from server.corpora.models import Post
from server.projects.access import Access
from server.rounds.models import Assignment

LOOKED_AT = 300
SHOWN = 3
_START = 160
_WORD = re.compile(r"\w{3,}")
Pairs = frozenset[frozenset[int]]


@dataclass(frozen=True)
class Similar:
    """A decided post that was in dispute between the same codes."""

    label: str
    codes: str
    number: int
    start: str
    is_cut: bool
    said: str
    reason: str
    at: datetime


def similar_decisions(db: Session, access: Access, scope: Scope, table: Table) -> tuple[Similar, ...]:
    """Up to three for each question in dispute: those that share most words first, then the newest."""
    hidden = owed(db, access)
    return tuple(each for question in table.disputed for each in _similar(db, scope, table, question, hidden))


def pairs_of(is_multiple: bool, given: list[frozenset[int]]) -> Pairs:
    """The pairs of codes that annotators differ on; a code that only some gave is a pair with itself."""
    every = frozenset[int]().union(*given)
    if is_multiple:
        disputed = {code for code in every if any(code not in codes for codes in given)}
    else:
        disputed = set(every) if len(every) > 1 else set()
    if len(disputed) == 1:
        return frozenset({frozenset(disputed)})
    return frozenset(frozenset(pair) for pair in combinations(sorted(disputed), 2))


def _similar(
    db: Session, scope: Scope, table: Table, question: Question, hidden: frozenset[int]
) -> Iterator[Similar]:
    variable = question.variable
    is_multiple = variable.kind == "multiple"
    here = pairs_of(is_multiple, [_codes(answers) for answers in question.said.values()])
    if not here:
        return
    recent = [row for row in _recent(db, scope, variable.id, table.post.id) if row.post_id not in hidden]
    given = _given(db, scope, variable.id, [row.post_id for row in recent])
    fitting = [
        (row, shared)
        for row in recent
        if (shared := here & pairs_of(is_multiple, list(given.get(row.post_id, {}).values())))
    ]
    texts = _texts(db, [row.post_id for row, _pairs in fitting])
    own = _words(table.post.text)
    fitting.sort(key=lambda each: (-len(own & _words(texts[each[0].post_id][1])), -each[0].id))
    nearest = fitting[:SHOWN]
    said = _said(db, variable.id, [row.id for row, _pairs in nearest])
    for row, shared in nearest:
        number, text = texts[row.post_id]
        answers = ", ".join(words(said.get(row.id, frozenset()), variable))
        reason = row.reason.removeprefix(UNCLEAR).strip()
        pair = _pair_in_words(shared, variable)
        start = text[:_START]
        yield Similar(
            variable.label, pair, number, start, len(text) > _START, answers, reason, row.decided_at
        )


def _codes(answers: frozenset[Answer]) -> frozenset[int]:
    return frozenset(answer.code_id for answer in answers if answer.code_id is not None)


def _recent(db: Session, scope: Scope, variable_id: int, but_of: int) -> list[Any]:
    """The last decisions of people on a question that still stand, newest first."""
    last = (
        select(col(Decision.id), col(Decision.post_id), col(Decision.reason), col(Decision.decided_at))
        .where(
            col(Decision.project_id) == scope.project_id,
            col(Decision.variable_id) == variable_id,
            by_a_person(),
        )
        .order_by(col(Decision.id).desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    rows = db.execute(
        select(last)
        .join(StandingDecision, col(StandingDecision.decision_id) == last.c.id)
        .where(
            col(StandingDecision.post_id) == last.c.post_id,
            col(StandingDecision.variable_id) == variable_id,
            last.c.post_id != but_of,
            not_hidden(scope, last.c.post_id),
        )
        .order_by(last.c.id.desc())
    )
    return list(rows.all())


def _given(
    db: Session, scope: Scope, variable_id: int, post_ids: list[int]
) -> dict[int, dict[int, frozenset[int]]]:
    """Post → annotator → the codes they gave last."""
    rows = db.execute(
        select(
            col(Assignment.post_id),
            col(Assignment.member_id),
            col(Assignment.round_id),
            col(CodingAnswer.code_id),
        )
        .join(CodingAnswer, col(CodingAnswer.coding_id) == col(Assignment.coding_id))
        .where(
            col(Assignment.post_id).in_(post_ids),
            col(Assignment.round_id).in_(scope.round_ids),
            col(Assignment.state) == SUBMITTED,
            col(CodingAnswer.variable_id) == variable_id,
        )
        .order_by(col(Assignment.round_id))
    )
    found: dict[int, dict[int, tuple[int, frozenset[int]]]] = {}
    for post_id, member_id, round_id, code_id in rows:
        of_post = found.setdefault(post_id, {})
        known, codes = of_post.get(member_id, (round_id, frozenset()))
        kept = codes if known == round_id else frozenset()
        of_post[member_id] = round_id, kept | ({code_id} if code_id is not None else frozenset())
    return {post: {member: codes for member, (_r, codes) in of.items()} for post, of in found.items()}


def _texts(db: Session, post_ids: list[int]) -> dict[int, tuple[int, str]]:
    rows = db.execute(
        select(col(Post.id), col(Post.number), col(Post.text)).where(col(Post.id).in_(post_ids))
    )
    return {post_id: (number, text) for post_id, number, text in rows}


def _said(db: Session, variable_id: int, decision_ids: list[int]) -> dict[int, frozenset[Answer]]:
    cells = (
        DecisionAnswer.code_id,
        DecisionAnswer.number,
        DecisionAnswer.text,
        DecisionAnswer.nothing_applies,
    )
    rows = db.execute(
        select(col(DecisionAnswer.decision_id), *(col(cell) for cell in cells)).where(
            col(DecisionAnswer.decision_id).in_(decision_ids)
        )
    )
    found: dict[int, frozenset[Answer]] = {}
    for decision_id, *values in rows:
        found[decision_id] = found.get(decision_id, frozenset()) | {Answer(variable_id, *values)}
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _pair_in_words(shared: Pairs, variable: VariableInfo) -> str:
    ids = {code for pair in shared for code in pair}
    return ", ".join(code.label for code in variable.codes if code.id in ids)

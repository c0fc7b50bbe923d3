"""What a rule would decide at once: worked out the same way for the preview and for carrying it out.

Looked at are the questions on which no decision stands, of posts that nobody has still to code.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, distinct, exists, func, select
from sqlmodel import Session, col

from server.adjudication.majority import Verdict, every_code, one_answer
from server.adjudication.models import Decision, StandingDecision
from server.adjudication.scope import SUBMITTED, Scope, not_hidden, still_coded
from server.adjudication.standing import WITHDRAWN
from server.adjudication.tallies import Lens, Offer, offers, tallies
from server.agreement.lists import distinct_rows
from server.codebooks.queries import VariableInfo
from server.coding.answers import Answer
from server.coding.models import CodingAnswer
from server.corpora.models import Post
from server.rounds.models import Assignment

UNANIMOUS, MAJORITY = "unanimous", "majority"
N_EXAMPLES = 5
_Rows = tuple[tuple[Any, ...], ...]
_START = 160


@dataclass(frozen=True)
class Rule:
    """What is accepted: unanimous answers, or those of a majority of at least `minimum` annotators."""

    name: str
    minimum: int = 2
    variable_key: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An answer that the rule accepts, and how many of how many annotators it is from."""

    post_id: int
    variable_id: int
    answers: frozenset[Answer]
    is_unanimous: bool


@dataclass(frozen=True)
class Example:
    """An accepted answer with the post it is about."""

    number: int
    start: str
    is_cut: bool
    accepted: Accepted


@dataclass(frozen=True)
class Proposal:
    """Everything a rule accepts, in the order of posts. `n_waiting` posts are still being coded."""

    rule: Rule
    accepted: tuple[Accepted, ...]
    n_waiting: int

    @property
    def n_posts(self) -> int:
        """How many posts it is about."""
        return len(np.unique(self.table[:, 0]))

    @property
    def by_variable(self) -> dict[int, tuple[int, int]]:
        """Variable id → how many answers are unanimous, and how many a majority's."""
        pairs, pair = distinct_rows(self.table[:, 1:3])
        counts = dict(zip(map(tuple, pairs.tolist()), np.bincount(pair).tolist(), strict=True))
        ids = pairs[:, 0].tolist()
        return {key: (counts.get((key, 1), 0), counts.get((key, 0), 0)) for key in dict.fromkeys(ids)}

    @cached_property
    def fingerprint(self) -> str:
        """Another for every other proposal."""
        said = sha256(repr((self.rule, [sorted(map(repr, answers)) for answers in self.answers])).encode())
        said.update(self.table.astype("<i8").tobytes())
        return said.hexdigest()[:32]

    @cached_property
    def answers(self) -> tuple[frozenset[Answer], ...]:
        """The different answers, in an order of their own."""
        return tuple(
            sorted({each.answers for each in self.accepted}, key=lambda found: sorted(map(repr, found)))
        )

    @cached_property
    def table(self) -> NDArray[np.int64]:
        """Rows (post, variable, 1 if unanimous, place in `answers`): everything accepted, as numbers."""
        place = {answers: number for number, answers in enumerate(self.answers)}
        rows = [
            (each.post_id, each.variable_id, each.is_unanimous, place[each.answers]) for each in self.accepted
        ]
        return np.array(rows, dtype=np.int64).reshape(-1, 4)

    @cached_property
    def single_answers(self) -> tuple[Answer, ...]:
        """What the answers consist of: each code is one."""
        return tuple(sorted({answer for answers in self.answers for answer in answers}, key=repr))

    def gives(self, answer: Answer) -> NDArray[np.bool_]:
        """Which of the accepted answers hold this one."""
        return np.array([answer in answers for answers in self.answers], dtype=np.bool_)[self.table[:, 3]]


def propose(db: Session, scope: Scope, rule: Rule) -> Proposal:
    """What the rule would decide now."""
    variable = scope.variable_by_key.get(rule.variable_key)
    asked = (variable,) if variable else scope.variables
    lens = Lens(scope.round_ids, tuple(each.id for each in asked))
    if not lens.round_ids or not lens.variable_ids:
        return Proposal(rule, (), 0)
    return Proposal(rule, tuple(_accepted(db, scope, lens, rule)), _n_waiting(db, scope))


def _accepted(db: Session, scope: Scope, lens: Lens, rule: Rule) -> Iterator[Accepted]:
    of = offers(scope, lens)
    conditions = [~_decided()]
    if scope.open_round_ids:
        conditions.append(~still_coded(scope, col(Assignment.post_id)))
    statement = tallies(scope, lens, of, *conditions)
    rows = db.connection().execute(statement.order_by(col(Assignment.post_id), col(CodingAnswer.variable_id)))
    # Posts that were answered alike, and there are many, are judged once, and equal answers kept once.
    judged: dict[tuple[Any, ...], Verdict[frozenset[Answer]] | None] = {}
    kept: dict[frozenset[Answer], frozenset[Answer]] = {}
    for (post_id, variable_id), group in groupby(rows, key=itemgetter(0, 1)):
        counted = tuple([row[1:] for row in group])
        if counted not in judged:
            judged[counted] = _verdict(scope.variable_by_id[variable_id], counted, of, rule)
        found = judged[counted]
        if found is not None:
            yield Accepted(
                post_id, variable_id, kept.setdefault(found.value, found.value), found.is_unanimous
            )


def _decided() -> ColumnElement[bool]:
    return exists().where(
        col(StandingDecision.post_id) == col(Assignment.post_id),
        col(StandingDecision.variable_id) == col(CodingAnswer.variable_id),
        col(Decision.id) == col(StandingDecision.decision_id),
        col(Decision.basis) != WITHDRAWN,
    )


def _verdict(
    variable: VariableInfo, rows: _Rows, of: tuple[Offer, ...], rule: Rule
) -> Verdict[frozenset[Answer]] | None:
    """What the rule accepts of the counted answers to one question: rows of `tallies` without the post."""
    found = _of_codes(variable, rows, of, rule) if variable.kind == "multiple" else _of_one(rows, rule)
    return None if found is None or (rule.name == UNANIMOUS and not found.is_unanimous) else found


def _of_one(rows: _Rows, rule: Rule) -> Verdict[frozenset[Answer]] | None:
    counts = {
        frozenset({Answer(variable_id, code_id, number, text)}): y
        for variable_id, code_id, number, text, y, *_voices in rows
    }
    return one_answer(counts, rule.minimum)


def _of_codes(
    variable: VariableInfo, rows: _Rows, of: tuple[Offer, ...], rule: Rule
) -> Verdict[frozenset[Answer]] | None:
    yes = {code_id: y for _variable, code_id, _number, _text, y, *_voices in rows if code_id}
    voices = {
        code_id: sum(row[5 + place] for row in rows)
        for place, offer in enumerate(of)
        for code_id in offer.code_ids
        if code_id in variable.code_by_id
    }
    found = every_code(yes, voices, rule.minimum)
    if found is None:
        return None
    answers = frozenset(Answer(variable.id, code_id=code_id) for code_id in found.value)
    return Verdict(answers or frozenset({Answer(variable.id, nothing_applies=True)}), found.is_unanimous)


def _n_waiting(db: Session, scope: Scope) -> int:
    """How many posts were coded by some, and have still to be coded by others."""
    if not scope.open_round_ids:
        return 0
    statement = select(func.count(distinct(col(Assignment.post_id)))).where(
        col(Assignment.round_id).in_(scope.round_ids),
        col(Assignment.state) == SUBMITTED,
        not_hidden(scope, col(Assignment.post_id)),
        still_coded(scope, col(Assignment.post_id)),
    )
    return db.scalar(statement) or 0


def examples(db: Session, proposal: Proposal) -> tuple[Example, ...]:
    """A few of the accepted answers, majorities before unanimous ones, spread over all."""
    ordered = sorted(proposal.accepted, key=lambda each: each.is_unanimous)
    n_contested = sum(not each.is_unanimous for each in ordered)
    pool = ordered[:n_contested] if n_contested >= N_EXAMPLES else ordered
    step = max(1, len(pool) // N_EXAMPLES)
    chosen = pool[::step][:N_EXAMPLES]
    start = func.substr(col(Post.text), 1, _START + 1)
    rows = db.execute(
        select(col(Post.id), col(Post.number), start).where(
            col(Post.id).in_([each.post_id for each in chosen])
        )
    )
    posts = {post_id: (number, text[:_START], len(text) > _START) for post_id, number, text in rows}
    return tuple(Example(*posts[each.post_id], each) for each in chosen)

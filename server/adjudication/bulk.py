"""What a rule would decide at once: worked out the same way for the preview and for carrying it out.

Looked at are the questions on which no decision stands, of posts that nobody has still to code.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, overload

import numpy as np
from sqlalchemy import Select, distinct, func, select
from sqlmodel import Session, col

from server.adjudication.models import Decision, SecondDecision, StandingDecision
from server.adjudication.rules import BASES, MAJORITY, MODEL, UNANIMOUS, Rule, Rules
from server.adjudication.scope import SUBMITTED, Scope, not_hidden, still_coded
from server.adjudication.standing import WITHDRAWN
from server.adjudication.tallies import Flags, Ints, Lens, Seen, number_rows, seen
from server.adjudication.verdicts import Verdicts, verdicts
from server.agreement.lists import distinct_rows
from server.codebooks.queries import VariableInfo
from server.coding.answers import Answer
from server.corpora.models import Post
from server.corpora.taken_down import still_up
from server.rounds.models import Assignment

N_EXAMPLES = 5
N_OF_EACH = 3
_START = 160
# What a model is sure of on a question: with at least this probability, about these posts.
Model = Callable[[VariableInfo, float, Ints], Verdicts]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An answer that the rule accepts, and on which basis."""

    post_id: int
    variable_id: int
    answers: frozenset[Answer]
    basis: str


@dataclass(frozen=True)
class Example:
    """An accepted answer with the post it is about."""

    number: int
    start: str
    is_cut: bool
    accepted: Accepted


class AcceptedAnswers(Sequence[Accepted]):
    """Everything a rule accepts. Kept as numbers, since it may be an answer to each question of each post."""

    def __init__(self, table: Ints, answers: tuple[frozenset[Answer], ...]) -> None:
        """`table`: rows (post, variable, place of the basis in `BASES`, place in `answers`)."""
        self._table, self._answers = table, answers

    def __len__(self) -> int:
        """How many there are."""
        return len(self._table)

    @overload
    def __getitem__(self, at: int) -> Accepted: ...
    @overload
    def __getitem__(self, at: slice) -> "AcceptedAnswers": ...
    def __getitem__(self, at: int | slice) -> "Accepted | AcceptedAnswers":
        """One of them, or some."""
        if isinstance(at, slice):
            return AcceptedAnswers(self._table[at], self._answers)
        post_id, variable_id, basis, place = self._table[at].tolist()
        return Accepted(post_id, variable_id, self._answers[place], BASES[basis])


@dataclass(frozen=True)
class Proposal:
    """Everything a rule accepts, in the order of posts. `n_waiting` posts are still being coded.

    `table` has rows (post, variable, place of the basis in `BASES`, place in `answers`), and `answers` each
    different answer once, in an order of their own.
    """

    rule: Rule | Rules
    table: Ints
    answers: tuple[frozenset[Answer], ...]
    n_waiting: int

    @cached_property
    def accepted(self) -> Sequence[Accepted]:
        """What is accepted, one by one."""
        return AcceptedAnswers(self.table, self.answers) if len(self.table) else ()

    @property
    def n_posts(self) -> int:
        """How many posts it is about."""
        return len(np.unique(self.table[:, 0]))

    @property
    def by_variable(self) -> dict[int, dict[str, int]]:
        """Variable id → basis → how many answers."""
        pairs, pair = distinct_rows(self.table[:, 1:3])
        found: dict[int, dict[str, int]] = {}
        for (key, basis), n in zip(pairs.tolist(), np.bincount(pair).tolist(), strict=True):
            found.setdefault(key, {})[BASES[basis]] = n
        return found

    @cached_property
    def fingerprint(self) -> str:
        """Another for every other proposal."""
        said = sha256(repr((self.rule, [sorted(map(repr, answers)) for answers in self.answers])).encode())
        said.update(self.table.astype("<i8").tobytes())
        return said.hexdigest()[:32]

    @cached_property
    def single_answers(self) -> tuple[Answer, ...]:
        """What the answers consist of: each code is one."""
        return tuple(sorted({answer for answers in self.answers for answer in answers}, key=repr))

    def gives(self, answer: Answer) -> Flags:
        """Which of the accepted answers hold this one."""
        return np.array([answer in answers for answers in self.answers], dtype=np.bool_)[self.table[:, 3]]


def propose(db: Session, scope: Scope, rule: Rule | Rules, model: Model | None = None) -> Proposal:
    """What the rule, or the rules, would decide now. A rule that asks a model needs one."""
    by_question = _by_question(scope, rule)
    lens = Lens(scope.round_ids, tuple(by_question))
    if not lens.round_ids or not lens.variable_ids:
        return Proposal(rule, np.zeros((0, 4), dtype=np.int64), (), 0)
    return Proposal(rule, *_accepted(db, scope, lens, by_question, model), _n_waiting(db, scope))


def _by_question(scope: Scope, rule: Rule | Rules) -> dict[int, Rule]:
    if isinstance(rule, Rules):
        known = scope.variable_by_key
        return {known[each.variable_key].id: each for each in rule.of if each.variable_key in known}
    variable = scope.variable_by_key.get(rule.variable_key)
    return {each.id: rule for each in ((variable,) if variable else scope.variables)}


def _accepted(
    db: Session, scope: Scope, lens: Lens, by_question: dict[int, Rule], model: Model | None
) -> tuple[Ints, tuple[frozenset[Answer], ...]]:
    """The table and the answers of a proposal."""
    where = [still_up(scope.project_id, col(Assignment.post_id))]
    waits = [~still_coded(scope, col(Assignment.post_id))] if scope.open_round_ids else []
    found, decided = seen(db, scope, lens, *where, *waits), _decided(db, scope)
    tables, answers = [np.zeros((0, 4), dtype=np.int64)], list[frozenset[Answer]]()
    for key, rule in by_question.items():
        accepted = _accepted_on(found, scope, scope.variable_by_id[key], rule, model)
        is_open = ~np.isin(found.posts[accepted.post], decided[decided[:, 1] == key, 0])
        accepted = accepted.only(is_open)
        columns = (
            found.posts[accepted.post],
            np.full(len(accepted.post), key),
            accepted.basis,
            accepted.answer + len(answers),
        )
        tables.append(np.stack(columns, axis=1).astype(np.int64))
        answers += accepted.answers
    return _in_order(np.concatenate(tables), answers)


def _accepted_on(found: Seen, scope: Scope, of: VariableInfo, rule: Rule, model: Model | None) -> Verdicts:
    if rule.name == MODEL and model is not None:
        return model(of, rule.threshold, found.posts)
    accepted = verdicts(found, scope, of, rule)
    is_wanted = (rule.name != UNANIMOUS) | (accepted.basis == BASES.index(UNANIMOUS))
    return accepted.only(np.broadcast_to(is_wanted, accepted.post.shape))


def _in_order(table: Ints, answers: list[frozenset[Answer]]) -> tuple[Ints, tuple[frozenset[Answer], ...]]:
    """The same whatever the order in which the database gave it."""
    order = sorted(range(len(answers)), key=lambda place: sorted(map(repr, answers[place])))
    table[:, 3] = np.argsort(np.array(order, dtype=np.int64))[table[:, 3]]
    rows = np.lexsort((table[:, 1], table[:, 0]))
    return table[rows], tuple(answers[place] for place in order)


def _decided(db: Session, scope: Scope) -> Ints:
    """Rows (post, variable): where a decision stands."""
    statement: Select[*tuple[Any, ...]] = (
        select(col(StandingDecision.post_id), col(StandingDecision.variable_id))
        .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
        .where(col(StandingDecision.project_id) == scope.project_id, col(Decision.basis) != WITHDRAWN)
    )
    # What adjudicators differ on is settled by people.
    apart: Select[*tuple[Any, ...]] = select(
        col(SecondDecision.post_id), col(SecondDecision.variable_id)
    ).where(col(SecondDecision.project_id) == scope.project_id, col(SecondDecision.is_alike).is_(False))
    rows = (*number_rows(db, statement, 2), *number_rows(db, apart, 2))
    return np.concatenate([np.zeros((0, 2), dtype=np.int64), *rows])


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
    """A few of the accepted answers, majorities before unanimous ones, spread over all.

    Where each question has its rule, a few of each question.
    """
    if not isinstance(proposal.rule, Rules):
        chosen = _some(proposal, np.arange(len(proposal.table)), N_EXAMPLES)
    else:
        asked = proposal.table[:, 1]
        rows = [np.flatnonzero(asked == key) for key in proposal.by_variable]
        chosen = [each for of in rows for each in _some(proposal, of, N_OF_EACH)]
    start = func.substr(col(Post.text), 1, _START + 1)
    found = db.execute(
        select(col(Post.id), col(Post.number), start).where(
            col(Post.id).in_([each.post_id for each in chosen])
        )
    )
    posts = {post_id: (number, text[:_START], len(text) > _START) for post_id, number, text in found}
    return tuple(Example(*posts[each.post_id], each) for each in chosen)


def _some(proposal: Proposal, rows: Ints, n: int) -> list[Accepted]:
    basis = proposal.table[rows, 2]
    ordered = rows[np.argsort(basis, kind="stable")].tolist()
    n_contested = int((basis == BASES.index(MAJORITY)).sum())
    pool = ordered[:n_contested] if n_contested >= n else ordered
    step = max(1, len(pool) // n)
    return [proposal.accepted[place] for place in pool[::step][:n]]

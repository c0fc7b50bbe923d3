"""What a rule would decide at once: worked out the same way for the preview and for carrying it out.

Looked at are the questions on which no decision stands, of posts that nobody has still to code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, overload

import numpy as np
from sqlalchemy import Select, distinct, func, select
from sqlmodel import Session, col

from server.adjudication.models import Decision, StandingDecision
from server.adjudication.scope import SUBMITTED, Scope, not_hidden, still_coded
from server.adjudication.standing import WITHDRAWN
from server.adjudication.tallies import Flags, Ints, Lens, Seen, number_rows, seen
from server.agreement.lists import distinct_rows
from server.codebooks.queries import VariableInfo
from server.coding.answers import Answer
from server.corpora.models import Post
from server.rounds.models import Assignment

UNANIMOUS, MAJORITY, SINGLE = "unanimous", "majority", "single"
N_EXAMPLES = 5
_START = 160


@dataclass(frozen=True)
class Rule:
    """What is accepted: unanimous answers, or those of a majority of at least `minimum` annotators.

    Or, by a rule of its own, those of the only annotator of a post.
    """

    name: str
    minimum: int = 2
    variable_key: str = ""

    @property
    def is_single(self) -> bool:
        """Whether posts are accepted that one annotator coded, and no others."""
        return self.name == SINGLE

    def basis(self, *, is_unanimous: bool) -> str:
        """What a decision by the rule rests on."""
        if self.is_single:
            return SINGLE
        return UNANIMOUS if is_unanimous else MAJORITY


@dataclass(frozen=True, slots=True)
class Accepted:
    """An answer that the rule accepts, and whether all annotators gave it."""

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


class AcceptedAnswers(Sequence[Accepted]):
    """Everything a rule accepts. Kept as numbers, since it may be an answer to each question of each post."""

    def __init__(self, table: Ints, answers: tuple[frozenset[Answer], ...]) -> None:
        """`table`: rows (post, variable, 1 if unanimous, place in `answers`)."""
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
        post_id, variable_id, is_unanimous, place = self._table[at].tolist()
        return Accepted(post_id, variable_id, self._answers[place], bool(is_unanimous))


@dataclass(frozen=True)
class Proposal:
    """Everything a rule accepts, in the order of posts. `n_waiting` posts are still being coded.

    `table` has rows (post, variable, 1 if unanimous, place in `answers`), and `answers` each different answer
    once, in an order of their own.
    """

    rule: Rule
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
    def single_answers(self) -> tuple[Answer, ...]:
        """What the answers consist of: each code is one."""
        return tuple(sorted({answer for answers in self.answers for answer in answers}, key=repr))

    def gives(self, answer: Answer) -> Flags:
        """Which of the accepted answers hold this one."""
        return np.array([answer in answers for answers in self.answers], dtype=np.bool_)[self.table[:, 3]]


def propose(db: Session, scope: Scope, rule: Rule) -> Proposal:
    """What the rule would decide now."""
    variable = scope.variable_by_key.get(rule.variable_key)
    asked = (variable,) if variable else scope.variables
    lens = Lens(scope.round_ids, tuple(each.id for each in asked))
    if not lens.round_ids or not lens.variable_ids:
        return Proposal(rule, np.zeros((0, 4), dtype=np.int64), (), 0)
    return Proposal(rule, *_accepted(db, scope, lens, rule), _n_waiting(db, scope))


@dataclass(frozen=True, eq=False)
class _Verdicts:
    """What a rule accepts on one question: about which post (n), whether unanimous (n), which answer (n)."""

    post: Ints
    is_unanimous: Flags
    answer: Ints
    answers: tuple[frozenset[Answer], ...]

    def only(self, rows: Flags) -> "_Verdicts":
        """Some of them, with the answers that occur among these."""
        used, answer = np.unique(self.answer[rows], return_inverse=True)
        answers = tuple(self.answers[place] for place in used.tolist())
        return _Verdicts(self.post[rows], self.is_unanimous[rows], answer.reshape(-1), answers)


def _accepted(
    db: Session, scope: Scope, lens: Lens, rule: Rule
) -> tuple[Ints, tuple[frozenset[Answer], ...]]:
    """The table and the answers of a proposal."""
    waits = [~still_coded(scope, col(Assignment.post_id))] if scope.open_round_ids else []
    found, decided = seen(db, scope, lens, *waits), _decided(db, scope)
    tables, answers = [np.zeros((0, 4), dtype=np.int64)], list[frozenset[Answer]]()
    for key in lens.variable_ids:
        verdicts = _verdicts(found, scope, scope.variable_by_id[key], rule)
        is_open = ~np.isin(found.posts[verdicts.post], decided[decided[:, 1] == key, 0])
        verdicts = verdicts.only(is_open & (verdicts.is_unanimous | (rule.name != UNANIMOUS)))
        columns = (
            found.posts[verdicts.post],
            np.full(len(verdicts.post), key),
            verdicts.is_unanimous,
            verdicts.answer + len(answers),
        )
        tables.append(np.stack(columns, axis=1).astype(np.int64))
        answers += verdicts.answers
    return _in_order(np.concatenate(tables), answers)


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
    return np.concatenate([np.zeros((0, 2), dtype=np.int64), *number_rows(db, statement, 2)])


def _verdicts(found: Seen, scope: Scope, of: VariableInfo, rule: Rule) -> _Verdicts:
    """The answers to one question on which most annotators agree, as `majority` has it post by post."""
    if of.kind == "multiple":
        return _of_codes(found, scope, of, rule)
    tally = found.said[of.id].tally
    voices = np.bincount(tally.post, tally.annotators, len(found.posts))[tally.post]
    rows = (tally.annotators >= rule.minimum) & (2 * tally.annotators > voices)
    if rule.is_single:
        rows = voices == 1
    answers = tuple(frozenset({_answer(of, value)}) for value in tally.values)
    return _Verdicts(tally.post, tally.annotators == voices, tally.answer, answers).only(rows)


def _answer(of: VariableInfo, value: Any) -> Answer:
    name = of.kind if of.kind in {"number", "text"} else "code_id"
    return Answer(of.id, **{name: value})


def _of_codes(found: Seen, scope: Scope, of: VariableInfo, rule: Rule) -> _Verdicts:
    """Each code is a question of its own; of those that nobody could choose nothing is asked."""
    chosen, n_posts = found.chosen[of.id], len(found.posts)
    yes, voices = chosen.counts(n_posts), chosen.offered(n_posts, scope.offers(of))
    asked, larger = voices > 0, np.maximum(yes, voices - yes)
    decides = (larger >= rule.minimum) & (2 * larger > voices)
    if rule.is_single:
        decides = (voices.max(axis=1, keepdims=True) == 1) & asked
    post = np.flatnonzero(asked.any(axis=1) & (decides | ~asked).all(axis=1))
    sets, answer = distinct_rows((2 * yes > voices)[post].astype(np.int64))
    answers = tuple(_given(of, np.flatnonzero(flags).tolist()) for flags in sets)
    return _Verdicts(post, (larger == voices).all(axis=1)[post], answer, answers)


def _given(of: VariableInfo, places: list[int]) -> frozenset[Answer]:
    codes = frozenset(Answer(of.id, code_id=of.codes[place].id) for place in places)
    return codes or frozenset({Answer(of.id, nothing_applies=True)})


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
    is_unanimous = proposal.table[:, 2]
    ordered = np.argsort(is_unanimous, kind="stable").tolist()
    n_contested = int((is_unanimous == 0).sum())
    pool = ordered[:n_contested] if n_contested >= N_EXAMPLES else ordered
    step = max(1, len(pool) // N_EXAMPLES)
    chosen = [proposal.accepted[place] for place in pool[::step][:N_EXAMPLES]]
    start = func.substr(col(Post.text), 1, _START + 1)
    rows = db.execute(
        select(col(Post.id), col(Post.number), start).where(
            col(Post.id).in_([each.post_id for each in chosen])
        )
    )
    posts = {post_id: (number, text[:_START], len(text) > _START) for post_id, number, text in rows}
    return tuple(Example(*posts[each.post_id], each) for each in chosen)

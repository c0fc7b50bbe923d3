"""What a rule makes of the answers to one question: of all posts at once, what `majority` says of one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from server.adjudication.rules import BASES, MAJORITY, SINGLE, UNANIMOUS, Rule
from server.adjudication.scope import Scope
from server.adjudication.tallies import Flags, Ints, Seen
from server.agreement.lists import distinct_rows
from server.codebooks.queries import VariableInfo
from server.coding.answers import Answer


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a rule accepts on one question: about which post (n), on which basis (n), which answer (n).

    A basis is its place in `BASES`, a post its place among those that are seen.
    """

    post: Ints
    basis: Ints
    answer: Ints
    answers: tuple[frozenset[Answer], ...]

    def only(self, rows: Flags) -> "Verdicts":
        """Some of them, with the answers that occur among these."""
        used, answer = np.unique(self.answer[rows], return_inverse=True)
        answers = tuple(self.answers[place] for place in used.tolist())
        return Verdicts(self.post[rows], self.basis[rows], answer.reshape(-1), answers)


def verdicts(found: Seen, scope: Scope, of: VariableInfo, rule: Rule) -> Verdicts:
    """The answers to one question that the rule accepts."""
    if of.kind == "multiple":
        return _of_codes(found, scope, of, rule)
    tally = found.said[of.id].tally
    voices = np.bincount(tally.post, tally.annotators, len(found.posts))[tally.post]
    rows = (tally.annotators >= rule.minimum) & (2 * tally.annotators > voices)
    if rule.is_single:
        rows = voices == 1
    answers = tuple(frozenset({_answer(of, value)}) for value in tally.values)
    basis = _basis(rule, tally.annotators == voices)
    return Verdicts(tally.post, basis, tally.answer, answers).only(rows)


def _answer(of: VariableInfo, value: Any) -> Answer:
    name = of.kind if of.kind in {"number", "text"} else "code_id"
    return Answer(of.id, **{name: value})


def _of_codes(found: Seen, scope: Scope, of: VariableInfo, rule: Rule) -> Verdicts:
    """Each code is a question of its own; of those that nobody could choose nothing is asked."""
    chosen, n_posts = found.chosen[of.id], len(found.posts)
    yes, voices = chosen.counts(n_posts), chosen.offered(n_posts, scope.offers(of))
    asked, larger = voices > 0, np.maximum(yes, voices - yes)
    decides = (larger >= rule.minimum) & (2 * larger > voices)
    if rule.is_single:
        decides = (voices.max(axis=1, keepdims=True) == 1) & asked
    post = np.flatnonzero(asked.any(axis=1) & (decides | ~asked).all(axis=1))
    sets, answer = distinct_rows((2 * yes > voices)[post].astype(np.int64))
    answers = tuple(given(of, np.flatnonzero(flags).tolist()) for flags in sets)
    return Verdicts(post, _basis(rule, (larger == voices).all(axis=1)[post]), answer, answers)


def given(of: VariableInfo, places: list[int]) -> frozenset[Answer]:
    """The answer to a multiple choice that chooses the codes in these places."""
    codes = frozenset(Answer(of.id, code_id=of.codes[place].id) for place in places)
    return codes or frozenset({Answer(of.id, nothing_applies=True)})


def _basis(rule: Rule, is_unanimous: Flags) -> Ints:
    if rule.is_single:
        return np.full(len(is_unanimous), BASES.index(SINGLE))
    return np.where(is_unanimous, BASES.index(UNANIMOUS), BASES.index(MAJORITY))

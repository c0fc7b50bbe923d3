"""How final values come about: cases by hand, and everything against the slow reference."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.results.outcomes import (
    Ballots,
    Basis,
    Choices,
    Decided,
    Rule,
    Statements,
    Worded,
    each_code,
    no_code,
    one_code,
    one_statement,
)
from tests.results import slow

N_CODES = 3
RULES = st.sampled_from(list(Rule))
BASES = st.sampled_from(["unanimous", "majority", "adjudicated", "consensus"])
CODE = st.integers(0, N_CODES - 1)
CODES = st.frozensets(CODE)
Post = tuple[list[Any], slow.Decision | None]


def posts(answer: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Post]]:
    decision = st.none() | st.builds(slow.Decision, answer, BASES)
    return st.lists(st.tuples(st.lists(answer, max_size=7), decision), min_size=1, max_size=12)


def bases(of: Sequence[Post]) -> np.ndarray[Any, np.dtype[np.int8]]:
    words = [decision.basis if decision else "not_coded" for _answers, decision in of]
    return np.array([Basis[word.upper()] for word in words], dtype=np.int8)


def arrays(of: Sequence[tuple[list[frozenset[int]], slow.Decision | None]]) -> tuple[Ballots, Decided]:
    counts = np.array(
        [[sum(which in answer for answer in answers) for which in range(N_CODES)] for answers, _d in of]
    )
    voices = np.array([len(answers) for answers, _decision in of])
    chosen = [[which in d.value if d else False for which in range(N_CODES)] for _answers, d in of]
    offered = np.repeat(voices[:, None], N_CODES, axis=1)
    return Ballots(counts, offered, voices), Decided(np.array(chosen, dtype=bool), bases(of))


def said(final: Choices, post: int, column: int = 0) -> tuple[bool | None, str]:
    basis = Basis(int(final.basis[post, column])).word
    return (None if basis in {"", "unresolved"} else bool(final.chosen[post, column])), basis


@given(posts(CODE), RULES)
def test_one_code_as_in_plain_words(of: list[Post], rule: Rule) -> None:
    as_sets = [
        ([frozenset({answer}) for answer in answers], d and slow.Decision({d.value}, d.basis))
        for answers, d in of
    ]
    final = one_code(*arrays(as_sets), rule)
    for post, (answers, decision) in enumerate(of):
        value, basis = slow.one(answers, decision, rule)
        assert Basis(int(final.basis[post, 0])).word == basis
        assert final.chosen[post].tolist() == [which == value for which in range(N_CODES)]


@given(posts(CODES), RULES)
def test_each_code_and_no_code_as_in_plain_words(of: list[Post], rule: Rule) -> None:
    ballots, decided = arrays(of)
    empty = np.array([sum(not answer for answer in answers) for answers, _decision in of])
    final = each_code(ballots, decided, rule)
    none = no_code(final, ballots, empty, decided)
    for post, (answers, decision) in enumerate(of):
        for which in range(N_CODES):
            assert said(final, post, which) == slow.code(answers, which, decision, rule)
        assert said(none, post) == slow.nothing(answers, N_CODES, decision, rule)


@given(posts(st.sampled_from(["a", "b"])), RULES)
def test_one_statement_as_in_plain_words(of: list[Post], rule: Rule) -> None:
    final = statements(of, rule)
    for post, (answers, decision) in enumerate(of):
        found = (final.values[post], Basis(int(final.basis[post])).word)
        assert found == slow.alike(answers, decision, rule)


def statements(of: Sequence[Post], rule: Rule) -> Statements:
    worded = Worded(
        np.array([len(answers) for answers, _decision in of]),
        np.array([len(set(answers)) < 2 for answers, _decision in of]),
        np.array([answers[0] if answers else None for answers, _decision in of], dtype=object),
    )
    decided = np.array([d.value if d else None for _answers, d in of], dtype=object)
    return one_statement(worded, decided, bases(of), rule)


@pytest.mark.parametrize(
    ("answers", "rule", "value", "basis"),
    [
        ([1], Rule.PLURALITY, 1, "single"),
        ([1, 1], Rule.PLURALITY, 1, "unanimous"),
        ([1, 1, 0], Rule.PLURALITY, 1, "majority"),
        ([1, 1, 0, 2], Rule.PLURALITY, 1, "plurality"),
        ([1, 1, 0, 2], Rule.MAJORITY, None, "unresolved"),
        ([1, 0], Rule.PLURALITY, None, "unresolved"),
        ([1, 1], Rule.DECISIONS, None, "unresolved"),
        ([], Rule.PLURALITY, None, ""),
    ],
)
def test_a_post_with_one_code(answers: list[int], rule: Rule, value: int | None, basis: str) -> None:
    final = one_code(*arrays([([frozenset({answer}) for answer in answers], None)]), rule)
    assert Basis(int(final.basis[0, 0])).word == basis
    assert final.chosen[0].tolist() == [which == value for which in range(N_CODES)]


def test_exactly_half_leaves_a_code_open_and_the_others_not() -> None:
    final = each_code(*arrays([([frozenset({0, 1}), frozenset({0})], None)]), Rule.PLURALITY)
    assert [said(final, 0, which) for which in range(3)] == [
        (True, "unanimous"),
        (None, "unresolved"),
        (False, "unanimous"),
    ]


def test_what_all_had_said_stays_unanimous_under_a_decision_on_the_rest() -> None:
    decision = slow.Decision({0, 1}, "adjudicated")
    final = each_code(*arrays([([frozenset({0, 1}), frozenset({0})], decision)]), Rule.PLURALITY)
    assert [said(final, 0, which) for which in range(3)] == [
        (True, "unanimous"),
        (True, "adjudicated"),
        (False, "unanimous"),
    ]


def test_a_decision_on_a_single_coding_is_not_unanimous() -> None:
    decision = slow.Decision({0}, "adjudicated")
    final = one_code(*arrays([([frozenset({0})], decision)]), Rule.PLURALITY)
    assert said(final, 0, 0) == (True, "adjudicated")


def test_a_code_that_nobody_could_choose_is_not_coded() -> None:
    ballots, decided = arrays([([frozenset({0}), frozenset({0})], None)])
    ballots.offered[:, 2] = 0
    final = each_code(ballots, decided, Rule.PLURALITY)
    assert said(final, 0, 2) == (None, "")
    assert final.is_coded.tolist() == [True]

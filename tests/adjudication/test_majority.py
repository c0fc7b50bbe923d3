"""What counts as a majority."""

import pytest

from server.adjudication.majority import leaning, majority_of
from tests.adjudication.slow import Verdict, every_code, one_answer


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, None),
        ({"a": 1}, "a"),
        ({"b": 1, "a": 2}, "a"),
        ({"a": 1, "b": 1}, None),
        ({"a": 1, "b": 1, "c": 1}, None),
        ({"a": 2, "b": 1, "c": 1}, None),  # more than any other, but not more than half
        ({"a": 2, "b": 2}, None),
    ],
)
def test_it_is_more_than_half(counts: dict[str, int], expected: str | None) -> None:
    assert majority_of(counts) == expected
    slow = one_answer(counts, 1)
    assert (slow and slow.value) == expected


@pytest.mark.parametrize(
    ("yes", "voices", "minimum", "expected"),
    [
        ({1: 3}, {1: 3, 2: 3}, 2, Verdict(frozenset({1}), is_unanimous=True)),
        ({1: 1}, {1: 3, 2: 3}, 2, Verdict(frozenset(), is_unanimous=False)),
        ({1: 2}, {1: 3, 2: 3}, 3, None),
        ({1: 1}, {1: 2, 2: 2}, 1, None),
        ({1: 2}, {1: 2, 2: 1}, 2, None),  # too few could choose the second code
        ({1: 2}, {1: 2, 2: 0}, 2, Verdict(frozenset({1}), is_unanimous=True)),  # nobody could
        ({}, {1: 0}, 1, None),
    ],
)
def test_the_reference_counts_by_hand(
    yes: dict[int, int], voices: dict[int, int], minimum: int, expected: Verdict[frozenset[int]] | None
) -> None:
    assert every_code(yes, voices, minimum) == expected


def test_a_tied_code_is_neither_given_nor_refused() -> None:
    found = leaning({1: 2, 2: 1, 3: 1}, {1: 2, 2: 2, 3: 3, 4: 2, 5: 0})
    assert found.given == {1}
    assert found.tied == {2}

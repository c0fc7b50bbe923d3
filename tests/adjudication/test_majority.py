"""What counts as a majority."""

import pytest

from server.adjudication.majority import Verdict, every_code, leaning, one_answer


@pytest.mark.parametrize(
    ("counts", "minimum", "expected"),
    [
        ({}, 1, None),
        ({"a": 1}, 1, Verdict("a", is_unanimous=True)),
        ({"a": 1}, 2, None),
        ({"a": 3}, 3, Verdict("a", is_unanimous=True)),
        ({"a": 2, "b": 1}, 2, Verdict("a", is_unanimous=False)),
        ({"a": 2, "b": 1}, 3, None),
        ({"a": 1, "b": 1}, 1, None),
        ({"a": 1, "b": 1, "c": 1}, 1, None),
        ({"a": 2, "b": 1, "c": 1}, 2, None),  # more than any other, but not more than half
        ({"a": 2, "b": 2}, 2, None),
    ],
)
def test_one_answer(counts: dict[str, int], minimum: int, expected: Verdict[str] | None) -> None:
    assert one_answer(counts, minimum) == expected


@pytest.mark.parametrize(
    ("yes", "voices", "minimum", "expected"),
    [
        ({1: 3}, {1: 3, 2: 3}, 2, Verdict(frozenset({1}), is_unanimous=True)),
        ({}, {1: 3, 2: 3}, 3, Verdict(frozenset(), is_unanimous=True)),
        ({1: 2}, {1: 3, 2: 3}, 2, Verdict(frozenset({1}), is_unanimous=False)),
        ({1: 1}, {1: 3, 2: 3}, 2, Verdict(frozenset(), is_unanimous=False)),
        ({1: 2}, {1: 3, 2: 3}, 3, None),
        ({1: 1}, {1: 2, 2: 2}, 1, None),
        ({1: 2}, {1: 2, 2: 1}, 2, None),  # too few could choose the second code
        ({1: 2}, {1: 2, 2: 0}, 2, Verdict(frozenset({1}), is_unanimous=True)),  # nobody could
        ({}, {}, 1, None),
        ({}, {1: 0}, 1, None),
    ],
)
def test_every_code(
    yes: dict[int, int], voices: dict[int, int], minimum: int, expected: Verdict[frozenset[int]] | None
) -> None:
    assert every_code(yes, voices, minimum) == expected


def test_a_tied_code_is_neither_given_nor_refused() -> None:
    found = leaning({1: 2, 2: 1, 3: 1}, {1: 2, 2: 2, 3: 3, 4: 2, 5: 0})
    assert found.given == {1}
    assert found.tied == {2}

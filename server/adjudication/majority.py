"""What most annotators said about one variable of one post. Pure: counts in, an answer or none out.

A majority is more than half of those who could give the answer. Where a code is a question of its own
(multiple choice), only the annotators whose codebook offered the code count for it.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True)
class Verdict(Generic[Value]):
    """What a majority said, and whether nobody said anything else."""

    value: Value
    is_unanimous: bool


@dataclass(frozen=True)
class Leaning:
    """The codes that a majority gave, and those on which exactly half of the annotators differ."""

    given: frozenset[int]
    tied: frozenset[int]


def one_answer(counts: Mapping[Value, int], minimum: int = 1) -> Verdict[Value] | None:
    """The answer of a majority of at least `minimum` annotators; None where there is none.

    `counts`: answer → how many gave it, each annotator giving one.
    """
    if not counts:
        return None
    value, most = max(counts.items(), key=lambda item: item[1])
    voices = sum(counts.values())
    if most < minimum or 2 * most <= voices:
        return None
    return Verdict(value, most == voices)


def every_code(
    yes: Mapping[int, int], voices: Mapping[int, int], minimum: int = 1
) -> Verdict[frozenset[int]] | None:
    """The codes given, if a majority of at least `minimum` said yes or no to every code; otherwise None.

    `yes`: code → how many gave it; `voices`: code → how many could. An empty set means: nothing applies.
    """
    asked = {code: n for code, n in voices.items() if n}
    sides = {code: max(yes.get(code, 0), n - yes.get(code, 0)) for code, n in asked.items()}
    if not asked or any(most < minimum or 2 * most <= asked[code] for code, most in sides.items()):
        return None
    return Verdict(leaning(yes, voices).given, sides == asked)


def leaning(yes: Mapping[int, int], voices: Mapping[int, int]) -> Leaning:
    """How the annotators lean, code by code; arguments as for `every_code`."""
    given = frozenset(code for code, n in voices.items() if 2 * yes.get(code, 0) > n)
    tied = frozenset(code for code, n in voices.items() if n and 2 * yes.get(code, 0) == n)
    return Leaning(given, tied)

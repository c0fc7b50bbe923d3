"""What most annotators said about one variable of one post. Pure: counts in, an answer or none out.

A majority is more than half of those who could give the answer. Where a code is a question of its own
(multiple choice), only the annotators whose codebook offered the code count for it. What a rule makes of all
posts at once is in `verdicts`.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True)
class Leaning:
    """The codes that a majority gave, and those on which exactly half of the annotators differ."""

    given: frozenset[int]
    tied: frozenset[int]


def majority_of(counts: Mapping[Value, int]) -> Value | None:
    """The answer that more than half gave; None where there is none.

    `counts`: answer → how many gave it, each annotator giving one.
    """
    return next((value for value, n in counts.items() if 2 * n > sum(counts.values())), None)


def leaning(yes: Mapping[int, int], voices: Mapping[int, int]) -> Leaning:
    """How the annotators lean, code by code.

    `yes`: code → how many gave it; `voices`: code → how many could.
    """
    given = frozenset(code for code, n in voices.items() if 2 * yes.get(code, 0) > n)
    tied = frozenset(code for code, n in voices.items() if n and 2 * yes.get(code, 0) == n)
    return Leaning(given, tied)

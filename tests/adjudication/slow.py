"""Agreement pair by pair and majorities post by post, as one would count them by hand: the reference."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Generic, TypeVar

Coded = Mapping[str, object]
Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True)
class Verdict(Generic[Value]):
    """What a majority said, and whether nobody said anything else."""

    value: Value
    is_unanimous: bool


def one_answer(counts: Mapping[Value, int], minimum: int) -> Verdict[Value] | None:
    """The answer of a majority of at least `minimum` annotators; None where there is none."""
    voices = sum(counts.values())
    for value, most in counts.items():
        if most >= minimum and 2 * most > voices:
            return Verdict(value, most == voices)
    return None


def every_code(
    yes: Mapping[int, int], voices: Mapping[int, int], minimum: int
) -> Verdict[frozenset[int]] | None:
    """The codes given, if a majority of at least `minimum` said yes or no to every code; otherwise None."""
    said = {
        code: one_answer({True: yes.get(code, 0), False: n - yes.get(code, 0)}, minimum)
        for code, n in voices.items()
        if n
    }
    found = [(code, verdict) for code, verdict in said.items() if verdict]
    if not found or len(found) < len(said):
        return None
    given = frozenset(code for code, verdict in found if verdict.value)
    return Verdict(given, all(verdict.is_unanimous for _code, verdict in found))


def agreement(codings: Sequence[Coded], multiple: frozenset[str]) -> tuple[Fraction, frozenset[str]] | None:
    """The agreement on a post and the questions in dispute; None where nothing can be compared.

    `codings`: annotator by annotator, question → answer; the answers to a `multiple` question are sets.
    """
    shares: dict[str, Fraction] = {}
    for key in {key for coding in codings for key in coding}:
        answers = [coding[key] for coding in codings if key in coding]
        if len(answers) > 1:
            shares[key] = _of_sets(answers) if key in multiple else _alike(answers)
    if not shares:
        return None
    mean = sum(shares.values(), Fraction(0)) / len(shares)
    return mean, frozenset(key for key, share in shares.items() if share < 1)


def _alike(answers: Sequence[object]) -> Fraction:
    pairs = list(combinations(answers, 2))
    return Fraction(sum(one == other for one, other in pairs), len(pairs))


def _of_sets(answers: Sequence[object]) -> Fraction:
    sets = [frozenset(answer) for answer in answers]  # type: ignore[call-overload]
    given = sorted(frozenset().union(*sets))
    if not given:
        return Fraction(1)
    return sum((_alike([code in each for each in sets]) for code in given), Fraction(0)) / len(given)

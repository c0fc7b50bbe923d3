"""Agreement pair by pair, as one would count it by hand: the reference for what the database works out."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations

Coded = Mapping[str, object]


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

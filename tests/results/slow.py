"""The rules of final values once more, post by post and in plain words, to compare with."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.results.outcomes import Rule


@dataclass(frozen=True)
class Decision:
    """What was decided, and on what basis."""

    value: Any
    basis: str


def one(answers: Sequence[Any], decision: Decision | None, rule: Rule) -> tuple[Any, str]:
    """The final answer of one post and its basis; the answer is None where there is none."""
    if decision is not None:
        alike = len(answers) > 1 and set(answers) == {decision.value}
        return decision.value, "unanimous" if alike else decision.basis
    if not answers:
        return None, ""
    if rule is Rule.DECISIONS:
        return None, "unresolved"
    return _most_frequent(answers, rule)


def _most_frequent(answers: Sequence[Any], rule: Rule) -> tuple[Any, str]:
    ranked = Counter(answers).most_common()
    value, votes = ranked[0]
    if len(answers) == 1:
        return value, "single"
    if votes == len(answers):
        return value, "unanimous"
    if votes > len(answers) / 2:
        return value, "majority"
    if rule is Rule.PLURALITY and ranked[1][1] < votes:
        return value, "plurality"
    return None, "unresolved"


def code(
    chosen: Sequence[frozenset[int]], which: int, decision: Decision | None, rule: Rule
) -> tuple[bool | None, str]:
    """Whether one post of a multiple choice carries the code `which`."""
    decided = None if decision is None else Decision(which in decision.value, decision.basis)
    value, basis = one([which in answer for answer in chosen], decided, rule)
    return value, basis


def nothing(
    chosen: Sequence[frozenset[int]], n_codes: int, decision: Decision | None, rule: Rule
) -> tuple[bool | None, str]:
    """Whether one post of a multiple choice carries none of its codes."""
    carried = [code(chosen, which, decision, rule) for which in range(n_codes)]
    if all(basis == "" for _value, basis in carried):
        return None, ""
    if not any(value for value, _basis in carried) and any(
        basis == "unresolved" for _value, basis in carried
    ):
        return None, "unresolved"
    empty = not any(value for value, _basis in carried)
    alike = len(chosen) > 1 and all((not answer) == empty for answer in chosen)
    if alike:
        return empty, "unanimous"
    if decision is not None:
        return empty, decision.basis
    return empty, "single" if len(chosen) == 1 else "majority"


def alike(answers: Sequence[Any], decision: Decision | None, rule: Rule) -> tuple[Any, str]:
    """The final number or text of one post."""
    value, basis = one(answers, decision, rule)
    return (None, "unresolved") if basis in {"majority", "plurality"} and decision is None else (value, basis)

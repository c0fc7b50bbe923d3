"""Final values: what was decided, else the most frequent answer.

A post's value on a question, or on each code of a multiple choice, is that of the decision that stands.
Where there is none, the last answers of its annotators speak: the most frequent one, and ties stay open.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from server.archive.recomputing.reading import NOTHING, Answer, Answers, Decided, Question

NOT_CODED, UNRESOLVED, NOT_ASKED = "", "unresolved", "not_asked"
# Not asked, and put to nobody who coded the post: final.csv says `not_asked` of it, too.
NOT_PUT = "not_put"
_OPEN = (NOT_CODED, UNRESOLVED)


@dataclass(frozen=True)
class Final:
    """The codes a post carries, or its number; the basis of it, or in a multiple choice of each code."""

    codes: frozenset[str]
    basis: tuple[str, ...]
    number: float | None = None

    @property
    def is_coded(self) -> bool:
        """Whether there is a coding or a decision, on a question that is asked."""
        return any(has_value(each) for each in self.basis)


def has_value(basis: str) -> bool:
    """Whether a value, or an open one, is there at all."""
    return basis not in {NOT_CODED, NOT_ASKED, NOT_PUT}


def is_coded_on(basis: str) -> bool:
    """Whether there is a coding or a decision, if only that the question is not asked of the post."""
    return basis not in {NOT_CODED, NOT_PUT}


def last_answers(of: list[Answer]) -> list[Answer]:
    """The last answer of each annotator: they are in the order of their rounds."""
    return list({one.annotator: one for one in sorted(of, key=lambda one: one.round)}.values())


def final_values(
    question: Question, posts: list[str], answers: Answers, decided: Mapping[str, Decided]
) -> dict[str, Final]:
    """The final value of every post, whether the question is asked of it or not."""
    one = {"multiple": _sets, "number": _number}.get(question.kind, _single)
    return {post: one(question, last_answers(answers.get(post, [])), decided.get(post)) for post in posts}


def _single(_question: Question, said: list[Answer], decided: Decided | None) -> Final:
    votes = Counter(code for one in said for code in one.codes)
    top = max(votes.values(), default=0)
    best = frozenset(code for code, n in votes.items() if n == top)
    basis = _single_basis(len(said), top, len(best))
    agreed = len(said) > 1 and top == len(said)
    if decided is not None:
        same = agreed and best == decided.codes
        return Final(decided.codes, ("unanimous" if same else decided.basis,))
    return Final(frozenset() if basis in _OPEN else best, (basis,))


def _single_basis(voices: int, top: int, n_best: int) -> str:
    if voices == 0:
        return NOT_CODED
    if voices == 1:
        return "single"
    if top == voices:
        return "unanimous"
    if 2 * top > voices:
        return "majority"
    return "plurality" if n_best == 1 else UNRESOLVED


def _sets(question: Question, said: list[Answer], decided: Decided | None) -> Final:
    """Each code of a multiple choice is a question of yes or no, to those who were offered it."""
    carried, bases = set(), []
    for code in question.codes:
        offered = [one for one in said if one.round in code.rounds]
        yes = sum(code.key in one.codes for one in offered)
        basis = _yes_no_basis(len(offered), yes)
        carries = basis != UNRESOLVED and 2 * yes > len(offered)
        if decided is not None:
            carries = code.key in decided.codes
            agreed = len(offered) > 1 and yes == (len(offered) if carries else 0)
            basis = "unanimous" if agreed else decided.basis
        if carries:
            carried.add(code.key)
        bases.append(basis)
    return Final(frozenset(carried), tuple(bases))


def _yes_no_basis(voices: int, yes: int) -> str:
    if voices == 0:
        return NOT_CODED
    if voices == 1:
        return "single"
    if yes in {0, voices}:
        return "unanimous"
    return UNRESOLVED if 2 * yes == voices else "majority"


def _number(_question: Question, said: list[Answer], decided: Decided | None) -> Final:
    """Numbers that differ stay open until they are decided."""
    values = {one.number for one in said}
    basis = NOT_CODED
    if said:
        basis = "single" if len(said) == 1 else "unanimous" if len(values) == 1 else UNRESOLVED
    if decided is not None:
        same = len(said) > 1 and values == {decided.number}
        return Final(frozenset(), ("unanimous" if same else decided.basis,), decided.number)
    return Final(frozenset(), (basis,), None if basis in _OPEN else values.pop())


def as_asked(
    questions: list[Question], finals: dict[str, dict[str, Final]], coded_in: Mapping[str, set[int]]
) -> dict[str, dict[str, Final]]:
    """The same without the values of questions that the final values of others rule out.

    `coded_in`: the rounds in which each post is coded.
    """
    known = {question.key: question for question in questions}
    asked: dict[str, dict[str, bool]] = {}
    found: dict[str, dict[str, Final]] = {}
    for question in questions:
        of = finals[question.key]
        conditions = [(on, code) for on, code in question.after if on in asked]
        asked[question.key] = {
            post: not conditions
            or any(asked[on][post] and _may_be(known[on], finals[on][post], code) for on, code in conditions)
            for post in of
        }
        found[question.key] = {
            post: final
            if asked[question.key][post]
            else _ruled_out(question, final, coded_in.get(post, set()))
            for post, final in of.items()
        }
    return found


def _ruled_out(question: Question, final: Final, coded_in: set[int]) -> Final:
    """Coded as not asked where the question, or code, was put to somebody who coded the post."""
    is_multiple = question.kind == "multiple"
    offering = [code.rounds for code in question.codes] if is_multiple else [question.offered_in]
    basis = (
        NOT_ASKED if has_value(each) or not coded_in.isdisjoint(rounds) else NOT_PUT
        for each, rounds in zip(final.basis, offering, strict=True)
    )
    return Final(frozenset(), tuple(basis))


def _may_be(on: Question, final: Final, code: str) -> bool:
    """Whether a final value does not rule an answer out."""
    if code == NOTHING:
        return on.kind == "multiple" and (not final.is_coded or not final.codes)
    places = [place for place, each in enumerate(on.codes) if each.key == code]
    if not places:
        return False
    basis = final.basis[places[0]] if on.kind == "multiple" else final.basis[0]
    return code in final.codes or not has_value(basis) or basis == UNRESOLVED

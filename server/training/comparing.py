"""A coding beside the gold answers of its post, question by question. Pure.

Questions that the gold does not answer are not compared, nor are those that the codebook of the round asks
in another way. Words of one's own are shown beside each other, and nobody is judged by them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.codebooks.over_time import ReadAs
from server.codebooks.queries import Codebook, CodeInfo, VariableInfo
from server.coding.answers import Answer
from server.language import figure
from server.language import gettext as _

Answers = frozenset[Answer]
NOTHING: Answers = frozenset()


@dataclass(frozen=True)
class Edition:
    """One edition of a post's gold. `answers`: variable id → its answers; `book`: the codebook it answers."""

    gold_id: int
    edition: int
    note: str
    book: Codebook
    answers: Mapping[int, Answers]


@dataclass(frozen=True)
class Verdict:
    """One question: what the annotator and the gold say."""

    variable: VariableInfo
    own: Answers
    gold: Answers

    @property
    def is_judged(self) -> bool:
        """Whether the two can be called right or different."""
        return self.variable.kind != "text"

    @property
    def is_right(self) -> bool:
        """Whether both say the same."""
        return self.own == self.gold

    @property
    def deciding(self) -> tuple[CodeInfo, ...]:
        """The codes whose definitions decide: those of the gold, then those wrongly given."""
        known = self.variable.code_by_id
        ids = [one.code_id for said in (self.gold, self.own - self.gold) for one in ordered(known, said)]
        return tuple(known[code_id] for code_id in ids if code_id in known)


def verdicts(
    book: Codebook, gold: Edition, own: Mapping[int, Answers], successors: ReadAs
) -> tuple[Verdict, ...]:
    """The questions of a round's codebook that the gold answers, in their order.

    Gold of another version is compared with merged codes as they are read.
    """
    found, steps = [], {} if gold.book.number == book.number else successors
    for variable in book.variables:
        as_gold = gold.book.variable_by_id.get(variable.id)
        if as_gold and as_gold.kind == variable.kind and (expected := gold.answers.get(variable.id)):
            said = own.get(variable.id, NOTHING)
            asked = variable.with_codes_of(as_gold)
            found.append(Verdict(asked, _as_read(said, steps), _as_read(expected, steps)))
    return tuple(found)


def _as_read(answers: Answers, successors: ReadAs) -> Answers:
    return frozenset(
        replace(answer, code_id=successors.get(answer.code_id or 0, answer.code_id)) for answer in answers
    )


def different_first(of: Sequence[Verdict]) -> list[Verdict]:
    """What there is to learn from stands first, and else the order of the codebook."""
    return sorted(of, key=lambda verdict: verdict.is_judged and verdict.is_right)


def is_all_right(of: Sequence[Verdict]) -> bool:
    """Whether every question that can be judged is right."""
    return all(verdict.is_right for verdict in of if verdict.is_judged)


def ordered(known: Mapping[int, CodeInfo], answers: Answers) -> list[Answer]:
    """Answers in the order of the codebook."""
    places = {code_id: place for place, code_id in enumerate(known)}
    return sorted(answers, key=lambda one: places.get(one.code_id or 0, len(places)))


def said(variable: VariableInfo, answers: Answers) -> str:
    """Answers in words."""
    words = [_words(variable, one) for one in ordered(variable.code_by_id, answers)]
    return ", ".join(words) or _("no answer")


def _words(variable: VariableInfo, answer: Answer) -> str:
    if answer.nothing_applies:
        return _("Nothing applies")
    if answer.code_id is not None:
        return variable.code_by_id[answer.code_id].label
    return figure(answer.number) if answer.number is not None else answer.text or ""

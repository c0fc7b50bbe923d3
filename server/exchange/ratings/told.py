"""What a file says, question by question and code by code, for a lead to see before it is stored. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from server.codebooks.sheet import NOTHING_APPLIES, CodebookSheet, VariableSheet
from server.exchange.ratings.reading import RatingsPlan
from server.language import gettext as _


@dataclass(frozen=True)
class ToldCode:
    """A code: its label, what the file calls it, and how many answers give it."""

    label: str
    names: tuple[str, ...]
    n: int


@dataclass(frozen=True)
class ToldQuestion:
    """A question of the file: its label, how many answers it has, and its codes, if it has any."""

    label: str
    n: int
    codes: tuple[ToldCode, ...]


def told_questions(plan: RatingsPlan, codebook: CodebookSheet) -> tuple[ToldQuestion, ...]:
    """The questions that the file answers, in the codebook's order, each with all of its codes."""
    n_answers = Counter(answer.question for answer in plan.answers)
    n_codes = Counter((answer.question, code) for answer in plan.answers for code in answer.codes)
    n_codes.update((answer.question, NOTHING_APPLIES) for answer in plan.answers if answer.nothing_applies)
    return tuple(
        ToldQuestion(variable.label, n_answers[variable.key], tuple(_codes(variable, plan, n_codes)))
        for variable in codebook.variables
        if n_answers[variable.key]
    )


def _codes(
    variable: VariableSheet, plan: RatingsPlan, n_codes: Counter[tuple[str, str]]
) -> Iterator[ToldCode]:
    for code in variable.codes:
        yield _told(code.label, plan.names.get((variable.key, code.key), ()), n_codes[variable.key, code.key])
    if n := n_codes[variable.key, NOTHING_APPLIES]:
        yield _told(_("Nothing applies"), plan.names.get((variable.key, NOTHING_APPLIES), ()), n)


def _told(label: str, names: Iterable[str], n: int) -> ToldCode:
    return ToldCode(label, tuple(names) if n else (), n)

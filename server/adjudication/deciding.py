"""From a decision form to what it changes, and to the record of that in the history. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from server.adjudication.answers import Answers, Question, Table
from server.codebooks.queries import Codebook, VariableInfo
from server.coding.answers import Answer, Typed, coded, plain
from server.coding.questions import answer_name
from server.errors import Refusal
from server.language import gettext as _


@dataclass(frozen=True)
class Change:
    """A question whose answer in the form is not what stands."""

    question: Question
    answers: Answers

    @property
    def overrules(self) -> bool:
        """Whether another decision stood before it."""
        return self.question.settled is not None

    @property
    def overrules_majority(self) -> bool:
        """Whether most annotators, or all, said something else."""
        return bool(self.question.majority) and self.answers != self.question.majority


def book_of(table: Table) -> Codebook:
    """The questions of a post as a codebook whose questions may all be left open, disputed ones first.

    Each may be decided, whatever stands on those it depends on; `results.conditional` heeds that.
    """
    asked = (*table.disputed, *table.agreed)
    variables = tuple(replace(question.variable, is_required=False, when=frozenset()) for question in asked)
    return Codebook(0, 0, "", 0, None, variables)


def changes(table: Table, typed: Typed) -> tuple[Change, ...]:
    """What the form decides anew; `Refusal` with a sentence at each question that needs another look."""
    answers = _answers(table, typed)
    emptied = {
        answer_name(question.variable.key): _("This is decided. To open it again, withdraw the decision.")
        for question in table.questions
        if question.settled and question.variable.id not in answers
    }
    if emptied:
        raise Refusal(_("Some answers need another look. Nothing was decided yet."), emptied)
    return tuple(
        Change(question, answers[question.variable.id])
        for question in table.questions
        if question.variable.id in answers and answers[question.variable.id] != _settled(question)
    )


def refuse_half(table: Table, found: tuple[Change, ...]) -> None:
    """Raise `Refusal` where a post that is decided a second time is not decided as a whole.

    Whoever has decided sees what the other one decided, and could not decide the rest without seeing it.
    """
    answered = {change.question.variable.id for change in found}
    missing = {
        answer_name(question.variable.key): _("Decide this question, too: this post is decided twice.")
        for question in table.disputed
        if not question.settled and question.variable.id not in answered
    }
    if missing:
        raise Refusal(_("Some answers need another look. Nothing was decided yet."), missing)


def _settled(question: Question) -> Answers | None:
    return question.settled.answers if question.settled else None


def _answers(table: Table, typed: Typed) -> dict[int, Answers]:
    try:
        given = coded(book_of(table), typed).answers
    except Refusal as refusal:
        message = _("Some answers need another look. Nothing was decided yet.")
        raise Refusal(message if refusal.fields else refusal.message, refusal.fields) from refusal
    found: dict[int, Answers] = {}
    for answer in given:
        found[answer.variable_id] = found.get(answer.variable_id, frozenset()) | {answer}
    return found


def from_to(before: Answers | None, after: Answers | None, variable: VariableInfo) -> Mapping[str, object]:
    """A change as the history keeps it: keys of codes, and never a text."""
    return {"before": recorded(before, variable), "after": recorded(after, variable)}


def recorded(answers: Answers | None, variable: VariableInfo) -> list[str]:
    """Answers as the history keeps them."""
    return sorted(_recorded(answer, variable) for answer in answers or ())


def _recorded(answer: Answer, variable: VariableInfo) -> str:
    if answer.nothing_applies:
        return "nothing applies"
    if answer.code_id is not None:
        code = variable.code_by_id.get(answer.code_id)
        return code.key if code else "?"
    return plain(answer.number) if answer.number is not None else f"{len(answer.text or '')} characters"

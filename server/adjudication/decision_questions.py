"""A post's questions as the decision form asks them: with the letters of those who gave each answer."""

from dataclasses import dataclass

from server.adjudication.answers import Answers, Question, Table, Voice
from server.adjudication.deciding import book_of
from server.adjudication.scope import Scope
from server.adjudication.standing import token
from server.codebooks.queries import Codebook, VariableInfo
from server.coding import questions as coding_questions
from server.coding.answers import Answer, Coded, Typed, plain, typed_of
from server.coding.conditions import asked as asked_after
from server.language import gettext as _
from server.projects.access import Access


@dataclass(frozen=True)
class Said:
    """An answer in words, and the letters of those who gave it."""

    words: str
    letters: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """A question of the form. `letters`: value of a code → who chose it; "" is for "nothing applies"."""

    shown: coding_questions.Question
    letters: dict[str, tuple[str, ...]]
    said: tuple[Said, ...]
    hint: str
    token: str
    is_settled: bool

    @property
    def variable(self) -> VariableInfo:
        """The variable that is asked."""
        return self.shown.variable


def asked(access: Access, scope: Scope, table: Table) -> tuple[tuple[Asked, ...], tuple[Asked, ...]]:
    """The disputed questions, and those on which the annotators agree."""
    shown = {each.variable.id: each for each in coding_questions.questions(_whole_book(scope))}
    disputed = tuple(_asked(access, each, shown[each.variable.id]) for each in table.disputed)
    return disputed, tuple(_asked(access, each, shown[each.variable.id]) for each in table.agreed)


def _whole_book(scope: Scope) -> Codebook:
    """All questions in the order of the codebook, so that a code has the same key on every post."""
    return Codebook(0, 0, "", 0, None, scope.variables)


def _asked(access: Access, question: Question, shown: coding_questions.Question) -> Asked:
    said = answers_in_words(question)
    letters: dict[str, tuple[str, ...]] = {}
    for code in question.variable.codes:
        letters[code.key] = _who(question, Answer(question.variable.id, code_id=code.id))
    letters[""] = _who(question, Answer(question.variable.id, nothing_applies=True))
    return Asked(
        shown,
        letters,
        said,
        _hint(question),
        token(access, question.standing),
        question.settled is not None,
    )


def _who(question: Question, answer: Answer) -> tuple[str, ...]:
    return tuple(letter for letter, answers in question.said.items() if answer in answers)


def _hint(question: Question) -> str:
    """What is filled in, and why."""
    if question.settled:
        return _("decided")
    if not question.is_disputed:
        return ""
    if question.variable.kind == "multiple" and question.leaning.tied:
        return _("tied where exactly half chose a code; tied codes are not filled in")
    return _("the majority is filled in") if question.majority else _("tied, so nothing is filled in")


def answers_in_words(question: Question) -> tuple[Said, ...]:
    """The different answers to a question, each with who gave it."""
    grouped: dict[Answers, list[str]] = {}
    for letter, answers in question.said.items():
        grouped.setdefault(answers, []).append(letter)
    return tuple(
        Said(", ".join(words(answers, question.variable)), tuple(who)) for answers, who in grouped.items()
    )


def said_by(
    scope: Scope, voice: Voice, questions: tuple[Question, ...]
) -> tuple[tuple[Question, tuple[str, ...]], ...]:
    """The answers of one annotator in words; also that a question was not asked, where that is why."""
    chosen = {key: {answer.code_id for answer in answers} for key, (answers, _r) in voice.answers.items()}
    asked_ids = asked_after(scope.variables, chosen)
    said = []
    for question in questions:
        if voice.letter in question.said:
            said.append((question, tuple(words(question.said[voice.letter], question.variable))))
        elif question.variable.id not in asked_ids:
            said.append((question, (_("not asked"),)))
    return tuple(said)


def words(answers: Answers | None, variable: VariableInfo) -> list[str]:
    """Answers as a reader knows them, in the order of the codebook."""
    order = {code.id: place for place, code in enumerate(variable.codes)}
    ordered = sorted(answers or (), key=lambda answer: order.get(answer.code_id or 0, len(order)))
    return [_words(answer, variable) for answer in ordered]


def _words(answer: Answer, variable: VariableInfo) -> str:
    if answer.nothing_applies:
        return _("Nothing applies")
    if answer.code_id is not None:
        code = variable.code_by_id.get(answer.code_id)
        return code.label if code else ""
    return plain(answer.number) if answer.number is not None else answer.text or ""


def prefilled(table: Table) -> Typed:
    """The form as it is offered: what stands, else the majority on what is disputed."""
    answers = tuple(
        answer
        for question in table.questions
        for answer in (question.settled.answers if question.settled else _proposed(question))
    )
    typed = typed_of(book_of(table), Coded(answers, "", is_unsure=False))
    return {name: tuple(values) for name, values in typed.items()}


def settled_typed(table: Table) -> Typed:
    """What stands, as a form holds it."""
    standing = [question.settled.answers for question in table.questions if question.settled]
    answers = tuple(answer for each in standing for answer in each)
    typed = typed_of(book_of(table), Coded(answers, "", is_unsure=False))
    return {name: tuple(values) for name, values in typed.items()}


def _proposed(question: Question) -> Answers:
    return question.majority if question.is_disputed else frozenset()

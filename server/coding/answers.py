"""What a coding form says: from the fields as typed to answers, and back to fields and words."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.codebooks.queries import Codebook, VariableInfo
from server.coding.conditions import asked, asked_only_if
from server.coding.questions import answer_name, none_name
from server.coding.spans import Span, WrongSpan, passages, refuse_too_many, span_name, spans_of, typed_spans
from server.errors import Refusal
from server.language import gettext as _

# How the names of fields with answers begin.
ANSWERS = ("v-", "none-", "s-")
MAX_TEXT = 10_000
MAX_MEMO = 5_000
MAX_REASON = 500
# The field that says why a coding is corrected.
WHY = "correction_reason"
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")

Typed = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Answer:
    """One row of a coding: a chosen code, a number, a text, or "nothing applies"."""

    variable_id: int
    code_id: int | None = None
    number: float | None = None
    text: str | None = None
    nothing_applies: bool = False


@dataclass(frozen=True)
class Coded:
    """A coding that can be stored."""

    answers: tuple[Answer, ...]
    memo: str
    is_unsure: bool
    spans: frozenset[Span] = frozenset()
    reason: str = ""


class _Wrong(Exception):
    """Why a question's answer cannot be taken, in words."""


def coded(book: Codebook, typed: Typed, length: int = 0) -> Coded:
    """The coding that the fields hold; `Refusal` with a sentence at each question otherwise.

    `length`: how many code points the post has, where passages of it are marked.
    """
    answers: list[Answer] = []
    spans: set[Span] = set()
    wrong: dict[str, str] = {}
    asked_ids = asked_in(book, typed)
    for variable in book.variables:
        try:
            if variable.id in asked_ids:
                answers += _answers(variable, typed)
            else:
                _refuse_unasked(book, variable, typed)
            spans |= spans_of(variable, typed, {answer.code_id for answer in answers}, length)
        except (_Wrong, WrongSpan) as found:
            wrong[answer_name(variable.key)] = str(found)
    memo, reason = text_in(typed, "memo"), text_in(typed, WHY)
    if len(memo) > MAX_MEMO:
        wrong["memo"] = _too_long(MAX_MEMO)
    if len(reason) > MAX_REASON:
        wrong[WHY] = _too_long(MAX_REASON)
    if wrong:
        raise Refusal(_("Some answers need another look. Nothing was submitted yet."), wrong)
    _refuse_unknown(book, typed)
    refuse_too_many(spans)
    return Coded(tuple(answers), memo, "on" in typed.get("unsure", ()), frozenset(spans), reason)


def text_in(typed: Typed, name: str) -> str:
    """The text in a field without the white space around it."""
    values = typed.get(name, ())
    return values[-1].replace("\r\n", "\n").strip() if values else ""


def asked_in(book: Codebook, typed: Typed) -> frozenset[int]:
    """The ids of the questions that are asked, given what the fields hold."""
    return asked(book.variables, {variable.id: _chosen(variable, typed) for variable in book.variables})


def _chosen(variable: VariableInfo, typed: Typed) -> frozenset[int | None]:
    """The ids of the chosen codes; None where nothing applies."""
    known = variable.code_by_key
    codes = {known[key].id for key in _given(variable, typed) if key in known}
    return frozenset({*codes, None} if _says_nothing(variable, typed) else codes)


def _given(variable: VariableInfo, typed: Typed) -> list[str]:
    return [value.strip() for value in typed.get(answer_name(variable.key), ()) if value.strip()]


def _says_nothing(variable: VariableInfo, typed: Typed) -> bool:
    return variable.kind == "multiple" and "on" in typed.get(none_name(variable.key), ())


def _refuse_unasked(book: Codebook, variable: VariableInfo, typed: Typed) -> None:
    """Only a form without a script can hold an answer here: the script sends none."""
    if _given(variable, typed) or _says_nothing(variable, typed):
        message = _(
            "This is asked %(only_if)s, which your answers do not say. "
            "Take the answer away here, or change the answer there."
        )
        raise _Wrong(message % {"only_if": asked_only_if(book.variables, variable)})


def _answers(variable: VariableInfo, typed: Typed) -> list[Answer]:
    name = answer_name(variable.key)
    given, nothing = _given(variable, typed), _says_nothing(variable, typed)
    if nothing and given:
        raise _Wrong(_("“Nothing applies” cannot stand beside a code. Take one of them away."))
    if nothing:
        return [Answer(variable.id, nothing_applies=True)]
    if not given:
        return _unanswered(variable)
    if variable.kind == "number":
        return [Answer(variable.id, number=_number(variable, given[-1]))]
    if variable.kind == "text":
        return [Answer(variable.id, text=_text(text_in(typed, name)))]
    return _codes(variable, list(dict.fromkeys(given)))


def _unanswered(variable: VariableInfo) -> list[Answer]:
    if not variable.is_required:
        return []
    if variable.kind == "multiple":
        raise _Wrong(_("Choose what applies, or “Nothing applies”."))
    if variable.kind == "number":
        raise _Wrong(_("Write a number."))
    raise _Wrong(_("Write an answer.") if variable.kind == "text" else _("Choose an answer."))


def _codes(variable: VariableInfo, keys: list[str]) -> list[Answer]:
    if any(key not in variable.code_by_key for key in keys):
        raise _Wrong(_("This answer is not in the codebook. Choose one of those offered."))
    if len(keys) > 1 and variable.kind != "multiple":
        raise _Wrong(_("Choose one answer only."))
    return [Answer(variable.id, code_id=variable.code_by_key[key].id) for key in keys]


def _number(variable: VariableInfo, text: str) -> float:
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text.replace(",", "."))):
        raise _Wrong(_("Write a number, such as 3 or 2.5."))
    value = float(text.replace(",", "."))
    low, high = variable.minimum, variable.maximum
    if low is not None and value < low:
        raise _Wrong(_("The number must be at least %(low)s.") % {"low": plain(low)})
    if high is not None and value > high:
        raise _Wrong(_("The number must be at most %(high)s.") % {"high": plain(high)})
    return value


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise _Wrong(_too_long(MAX_TEXT))
    return text


def _too_long(most: int) -> str:
    return _("This is too long: at most %(most)s characters.") % {"most": most}


def _refuse_unknown(book: Codebook, typed: Typed) -> None:
    known = {name(key) for key in book.variable_by_key for name in (answer_name, none_name, span_name)}
    if any(name not in known and name.startswith(ANSWERS) for name in typed):
        raise Refusal(
            _("The form answers a question that this codebook does not have. Reload the page and try again.")
        )


def plain(value: float) -> str:
    """A number as one types it: `3`, not `3.0`."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def typed_of(book: Codebook, stored: Coded) -> dict[str, list[str]]:
    """The form's fields as they stand when a stored coding is opened again."""
    typed = {
        "memo": [stored.memo],
        "unsure": ["on"] if stored.is_unsure else [],
        **typed_spans(book, stored.spans),
    }
    for answer in stored.answers:
        variable = book.variable_by_id[answer.variable_id]
        if answer.nothing_applies:
            typed[none_name(variable.key)] = ["on"]
        else:
            typed.setdefault(answer_name(variable.key), []).append(_value(variable, answer))
    return typed


def _value(variable: VariableInfo, answer: Answer) -> str:
    if answer.code_id is not None:
        return variable.code_by_id[answer.code_id].key
    return plain(answer.number) if answer.number is not None else answer.text or ""


def in_words(book: Codebook, typed: Typed, text: str = "") -> tuple[tuple[str, str], ...]:
    """Each question with its answer in words, whether or not the answer can be taken; memo and unsure.

    `text` is the post's, where passages of it are to be quoted.
    """
    asked_ids = asked_in(book, typed)
    said = [
        (variable.label, _said(variable, typed, text, is_asked=variable.id in asked_ids))
        for variable in book.variables
    ]
    unsure = _("yes") if "on" in typed.get("unsure", ()) else _("no")
    return (*said, (_("Memo"), text_in(typed, "memo")), (_("Unsure"), unsure))


def _said(variable: VariableInfo, typed: Typed, text: str, *, is_asked: bool) -> str:
    known = variable.code_by_key
    given = [value for value in typed.get(answer_name(variable.key), ()) if value.strip()]
    said = [known[value].label if value in known else value for value in given]
    if "on" in typed.get(none_name(variable.key), ()):
        said.append(_("Nothing applies"))
    if not is_asked:
        said.append(_("not asked"))
    quoted = _("{code}: “{quote}”")
    said += [
        quoted.format(code=passage.code_label, quote=passage.quote)
        for passage in passages(variable, typed, text)
    ]
    return ", ".join(said) or _("no answer")

"""What is wrong with a codebook, in words and at the place where it is wrong."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server.codebooks.conditions import answers_offered
from server.codebooks.keys import KEY
from server.codebooks.kinds import CHOICES, KINDS, kind_word, minimum_of_codes
from server.codebooks.sheet import NOTHING_APPLIES, CodebookSheet, CodeSheet, VariableSheet, write_number
from server.errors import Refusal
from server.language import gettext as _
from server.language import ngettext


@dataclass(frozen=True)
class Problem:
    """One thing to mend. `field` names the form field; `is_missing`: a draft may wait for it."""

    variable_key: str
    code_key: str
    field: str
    message: str
    is_missing: bool = False


class Incomplete(Refusal):
    """The draft cannot be published yet; `short` leaves out why."""

    def __init__(self, found: Sequence[Problem]) -> None:
        self.short = _("The codebook cannot be published yet.")
        super().__init__(" ".join(dict.fromkeys([self.short, *(problem.message for problem in found)])))


def problems(sheet: CodebookSheet) -> tuple[Problem, ...]:
    """Everything that keeps this codebook from being published."""
    return tuple(_problems(sheet))


def contradictions(sheet: CodebookSheet) -> tuple[Problem, ...]:
    """What may not even stand in a draft."""
    return tuple(problem for problem in _problems(sheet) if not problem.is_missing)


def _problems(sheet: CodebookSheet) -> Iterator[Problem]:
    if not sheet.variables:
        yield Problem("", "", "", _("The codebook has no variable yet. Add at least one."), is_missing=True)
    seen: set[str] = set()
    for variable in sheet.variables:
        if variable.key.casefold() in seen:
            message = _("There is another variable with the key “{key}”. Choose another key.")
            yield Problem(variable.key, "", "key", message.format(key=variable.key))
        seen.add(variable.key.casefold())
        yield from _of_variable(variable)
        yield from _of_codes(variable)
    yield from _of_conditions(sheet)


def _of_variable(variable: VariableSheet) -> Iterator[Problem]:
    yield from _of_names(variable.key, variable.label, variable.key, "")
    if variable.kind not in KINDS:
        yield Problem(variable.key, "", "kind", _("Choose one of the kinds."))
        return
    yield from _of_limits(variable)
    found, needed = len(variable.codes), minimum_of_codes(variable.kind)
    if found < needed:
        message = ngettext(
            "“{label}” needs at least {needed} code, and has {found}.",
            "“{label}” needs at least {needed} codes, and has {found}.",
            needed,
        ).format(label=variable.label, needed=needed, found=found)
        yield Problem(variable.key, "", "codes", message, is_missing=True)
    if found and variable.kind not in CHOICES:
        message = _("“{kind}” has no codes. Remove the codes of this variable first.")
        yield Problem(variable.key, "", "kind", message.format(kind=kind_word(variable.kind)))


def _of_limits(variable: VariableSheet) -> Iterator[Problem]:
    low, high = variable.minimum, variable.maximum
    if variable.kind != "number":
        for name, limit in (("minimum", low), ("maximum", high)):
            if limit is not None:
                yield Problem(
                    variable.key, "", name, _("Only a number has limits. Leave this empty, or choose Number.")
                )
        return
    if low is not None and high is not None and low > high:
        yield Problem(variable.key, "", "maximum", _("The maximum is less than the minimum."))


def _of_names(key: str, label: str, variable_key: str, code_key: str) -> Iterator[Problem]:
    if not KEY.fullmatch(key):
        message = _(
            "A key has up to 64 letters without accents, digits, _, - and ., "
            "and begins with a letter or digit. What annotators read may say anything."
        )
        yield Problem(variable_key, code_key, "key", message)
    if not label.strip():
        yield Problem(variable_key, code_key, "label", _("Please fill this in."))


def _of_codes(variable: VariableSheet) -> Iterator[Problem]:
    keys: set[str] = set()
    labels: dict[str, str] = {}
    for code in variable.codes:
        yield from _of_names(code.key, code.label, variable.key, code.key)
        if code.key.casefold() in keys:
            message = _("“{variable}” has another code with the key “{key}”. Choose another key.")
            yield _at(variable, code, "key", message.format(variable=variable.label, key=code.key))
        keys.add(code.key.casefold())
        spelled = " ".join(code.label.split()).casefold()
        if spelled in labels:
            message = _(
                "“{variable}” has two codes called “{label}”. Give one of them another label, or remove it."
            )
            yield _at(variable, code, "label", message.format(variable=variable.label, label=code.label))
        labels[spelled] = code.key
        yield from _of_reserved(variable, code)
    yield from _of_parents(variable)
    if variable.kind == "ordinal":
        yield from _of_values(variable)


def _of_reserved(variable: VariableSheet, code: CodeSheet) -> Iterator[Problem]:
    if variable.kind == "multiple" and code.key.casefold() == NOTHING_APPLIES:
        message = _("“Nothing applies” is always offered and has the key “none”. Choose another key.")
        yield _at(variable, code, "key", message)


def _of_parents(variable: VariableSheet) -> Iterator[Problem]:
    parents = {code.key: code.parent_key for code in variable.codes}
    for code in variable.codes:
        if code.parent_key is None:
            continue
        if code.parent_key not in parents:
            message = _("The parent “{parent}” is not a code of “{variable}”. Choose another parent.")
            yield _at(
                variable, code, "parent_key", message.format(parent=code.parent_key, variable=variable.label)
            )
        elif _is_own_ancestor(code.key, parents):
            message = _("“{label}” would stand below itself. Choose another parent.")
            yield _at(variable, code, "parent_key", message.format(label=code.label))


def _is_own_ancestor(key: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    ancestor = parents[key]
    while ancestor is not None and ancestor not in seen:
        seen.add(ancestor)
        ancestor = parents.get(ancestor)
    return key in seen


def _of_values(variable: VariableSheet) -> Iterator[Problem]:
    values: dict[float, str] = {}
    for code in variable.codes:
        if code.value is None or not math.isfinite(code.value):
            message = _("“{label}” needs its number on the scale.")
            yield _at(variable, code, "value", message.format(label=code.label))
        elif code.value in values:
            message = _("“{other}” has the number {value} already. Each step needs its own.")
            text = message.format(other=values[code.value], value=write_number(code.value))
            yield _at(variable, code, "value", text)
        else:
            values[code.value] = code.label


def _of_conditions(sheet: CodebookSheet) -> Iterator[Problem]:
    """A condition looks back only, so that no variable can depend on itself in a circle."""
    known = {variable.key: variable for variable in sheet.variables}
    before: set[str] = set()
    for variable in sheet.variables:
        for on in sorted({each.on for each in variable.when}):
            circle = "" if on in before else _circle(variable, on, known)
            if message := circle or _why_not(variable, known.get(on), on, is_before=on in before):
                yield Problem(variable.key, "", "when", message)
        before.add(variable.key)


def _circle(variable: VariableSheet, on: str, known: Mapping[str, VariableSheet]) -> str:
    """What to say where a variable waits for itself, by itself or by way of others; else nothing."""
    if on == variable.key:
        return _("“{label}” cannot depend on its own answers.").format(label=variable.label)
    if on not in known or variable.key not in _waits_for(on, known):
        return ""
    message = _(
        "“{label}” is asked only after some answers to “{on}”, and “{on}” only after some to “{label}”, "
        "so neither would ever be asked. Change when one of them is asked."
    )
    return message.format(label=variable.label, on=known[on].label)


def _waits_for(key: str, known: Mapping[str, VariableSheet]) -> set[str]:
    """All variables that have to be answered before the variable `key` is asked."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        variable = known.get(waiting.pop())
        new = {each.on for each in variable.when} - found if variable else set()
        found |= new
        waiting += new
    return found


def _why_not(variable: VariableSheet, on: VariableSheet | None, key: str, *, is_before: bool) -> str:
    """Why a variable cannot depend on another as it does; empty where it can."""
    if on is None:
        return _(
            "“{label}” is asked only after some answers to “{on}”, and the codebook has no variable “{on}”. "
            "Change first when “{label}” is asked."
        ).format(label=variable.label, on=key)
    if not is_before:
        message = _("“{label}” is asked only after some answers to “{on}”, so it must stand below “{on}”.")
        return message.format(label=variable.label, on=on.label)
    offered = dict(answers_offered(on))
    if not offered:
        message = _("“{label}” can only depend on a choice or a scale with codes, and “{on}” has none.")
        return message.format(label=variable.label, on=on.label)
    gone = sorted(each.code for each in variable.when if each.on == key and each.code not in offered)
    if not gone:
        return ""
    return _(
        "“{label}” is asked if “{on}” is “{code}”, and “{on}” has no code “{code}”. "
        "Change first when “{label}” is asked."
    ).format(label=variable.label, on=on.label, code=gone[0])


def _at(variable: VariableSheet, code: CodeSheet, field: str, message: str) -> Problem:
    return Problem(variable.key, code.key, field, message)

"""Merging two codes of a draft, and splitting one: from one sheet to the next. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from server.codebooks.drafting import code_of, variable_of, with_codes
from server.codebooks.keys import derived_key
from server.codebooks.nesting import descendants
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.errors import Refusal
from server.language import gettext as _

MAX_WORDS = 20_000
"""The longest text that a field of a code takes."""
MAX_PARTS = 20


def with_code_merged(
    sheet: CodebookSheet, variable_key: str, key: str, into: str, *, takes_examples: bool
) -> CodebookSheet:
    """The sheet without the code `key`; `into` has its children, and what depended on it."""
    variable = variable_of(sheet, variable_key)
    old = code_of(variable, key)
    _refuse_other_ends(sheet, variable, old, into)
    target = code_of(variable, into)
    if takes_examples:
        target = _with_examples(target, old)
    codes = [target if code.key == into else code for code in variable.codes if code.key != key]
    moved = [replace(code, parent_key=into) if code.parent_key == key else code for code in codes]
    return with_conditions(with_codes(sheet, variable, moved), variable_key, {key: (into,)})


def _refuse_other_ends(sheet: CodebookSheet, variable: VariableSheet, old: CodeSheet, into: str) -> None:
    if into == old.key:
        raise _refused("into", _("“{label}” cannot be merged into itself.").format(label=old.label))
    target = next((code for code in variable.codes if code.key == into), None)
    if target is None:
        raise _refused("into", _why_none(sheet, variable, into))
    if into in descendants(variable.codes, old.key):
        message = _("“{other}” stands below “{label}”. Take it out from there first, then merge.")
        raise _refused("into", message.format(label=old.label, other=target.label))


def _why_none(sheet: CodebookSheet, variable: VariableSheet, into: str) -> str:
    found = [(other, code) for other in sheet.variables for code in other.codes if code.key == into]
    if not into:
        return _("Choose the code that takes it up.")
    if not found:
        return _("The draft has no code “{key}” any more. Choose another one.").format(key=into)
    other, code = found[0]
    message = _("“{label}” answers “{other}”. Only codes of “{question}” can take it up.")
    return message.format(label=code.label, other=other.label, question=variable.label)


def _with_examples(target: CodeSheet, old: CodeSheet) -> CodeSheet:
    return replace(
        target,
        example=with_paragraph(target.example, old.example, "takes_examples"),
        counter_example=with_paragraph(target.counter_example, old.counter_example, "takes_examples"),
    )


def with_paragraph(text: str, more: str, field: str) -> str:
    """The text with one paragraph more, unless it has it already; `Refusal` where it would be too long."""
    if not more or more in text.split("\n\n"):
        return text
    longer = f"{text}\n\n{more}" if text else more
    if len(longer) > MAX_WORDS:
        message = _("The examples would be longer than {most} characters. Shorten them first.")
        raise _refused(field, message.format(most=MAX_WORDS))
    return longer


def with_code_split(
    sheet: CodebookSheet, variable_key: str, key: str, labels: Sequence[str], used: Collection[str]
) -> tuple[CodebookSheet, tuple[str, ...]]:
    """The sheet with a code for each label where the code `key` was, and their keys.

    They begin with what was said of it. `used`: keys that earlier versions gave. What stood below the code
    moves up, and what depended on it depends on any of the new ones.
    """
    variable = variable_of(sheet, variable_key)
    old = code_of(variable, key)
    _refuse_labels(variable, old, labels)
    parts = _parts(variable, old, labels, used)
    codes = [part for code in variable.codes for part in (parts if code.key == key else [code])]
    moved = [replace(code, parent_key=old.parent_key) if code.parent_key == key else code for code in codes]
    keys = tuple(part.key for part in parts)
    return with_conditions(with_codes(sheet, variable, moved), variable_key, {key: keys}), keys


def _refuse_labels(variable: VariableSheet, old: CodeSheet, labels: Sequence[str]) -> None:
    if not 2 <= len(labels) <= MAX_PARTS:
        message = _("Write from two to {most} labels, one on each line.").format(most=MAX_PARTS)
        raise _refused("labels", message)
    taken = {_spelled(code.label) for code in variable.codes if code.key != old.key}
    for label in labels:
        if len(label) > 300:
            raise _refused("labels", _("A label has at most 300 characters."))
        if _spelled(label) in taken:
            message = _("“{label}” would stand there twice. Give each code its own label.")
            raise _refused("labels", message.format(label=label))
        taken.add(_spelled(label))


def _spelled(label: str) -> str:
    return " ".join(label.split()).casefold()


def _parts(
    variable: VariableSheet, old: CodeSheet, labels: Sequence[str], used: Collection[str]
) -> list[CodeSheet]:
    taken = [code.key for code in variable.codes] + list(used)
    parts = []
    for label, value in zip(labels, _values(variable, old, len(labels)), strict=True):
        taken.append(derived_key(label, taken, "code", used))
        parts.append(replace(old, key=taken[-1], label=label, value=value))
    return parts


def _values(variable: VariableSheet, old: CodeSheet, count: int) -> list[float | None]:
    """The numbers of the new steps of a scale: from that of the old one on, below the next."""
    if old.value is None or variable.kind != "ordinal":
        return [None] * count
    steps = sorted(code.value for code in variable.codes if code.value is not None)
    width = next((high - low for low, high in pairwise(steps) if low == old.value), 1.0)
    return [old.value + width * place / count for place in range(count)]


def with_conditions(
    sheet: CodebookSheet, variable_key: str, heirs: Mapping[str, Collection[str]]
) -> CodebookSheet:
    """The sheet in which what depended on a code of the variable depends on any of its heirs."""

    def followed(variable: VariableSheet) -> VariableSheet:
        found = {
            ConditionSheet(each.on, heir)
            for each in variable.when
            for heir in (heirs.get(each.code, (each.code,)) if each.on == variable_key else (each.code,))
        }
        return replace(variable, when=frozenset(found))

    return replace(sheet, variables=tuple(followed(variable) for variable in sheet.variables))


def _refused(field: str, message: str) -> Refusal:
    return Refusal(message, {field: message})

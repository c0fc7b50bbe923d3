"""The difference of two codebooks, ready to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, TypeVar

from server.codebooks.conditions import when_in_words
from server.codebooks.kinds import KINDS, kind_word
from server.codebooks.lineage import Origins, heirs_of
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet, write_number
from server.language import gettext as _

ADDED, REMOVED, CHANGED, MERGED, SPLIT = "added", "removed", "changed", "merged", "split"
# Quotes a post as a rule, and the history never holds a post's text.
_QUOTING = frozenset({"example", "counter_example"})


@dataclass(frozen=True)
class FieldChange:
    """What a field said and says now."""

    field: str
    before: str
    after: str

    @property
    def word(self) -> str:
        """The field as people call it."""
        return field_word(self.field)


@dataclass(frozen=True)
class CodeChange:
    """A code that was added, removed, changed, merged or split; `label` is what it is called now (or last).

    `heirs` are the codes that took it up. `is_heir`: it is new, and the one whose place it took tells of it.
    `is_semantic`: whether its meaning changed, None where nobody said. `is_open`: the lead can say so.
    `fate`: what became of older codings, a `Fate`; empty where nobody decided that.
    """

    what: str
    key: str
    label: str
    fields: tuple[FieldChange, ...] = ()
    heirs: tuple[CodeSheet, ...] = ()
    is_heir: bool = False
    is_semantic: bool | None = None
    is_open: bool = False
    fate: str = ""

    @property
    def said(self) -> str:
        """What became of it, as a sentence; empty where no other code took it up."""
        if not self.heirs:
            return ""
        codes = _(" and ").join(_("“{code}”").format(code=heir.label) for heir in self.heirs)
        message = (
            _("“{label}” was merged into {codes}.")
            if self.what == MERGED
            else _("“{label}” was split into {codes}.")
        )
        return message.format(label=self.label, codes=codes)


@dataclass(frozen=True)
class VariableChange:
    """A variable that was added, removed or changed, with its codes; marked as codes are."""

    what: str
    key: str
    label: str
    fields: tuple[FieldChange, ...] = ()
    codes: tuple[CodeChange, ...] = ()
    codes_reordered: bool = False
    is_semantic: bool | None = None
    is_open: bool = False
    fate: str = ""

    @property
    def is_own(self) -> bool:
        """Whether the variable itself changed, not its codes alone."""
        return self.what != CHANGED or bool(self.fields) or self.codes_reordered


@dataclass(frozen=True)
class Changes:
    """All that differs between two codebooks."""

    variables: tuple[VariableChange, ...] = ()
    reordered: bool = False

    def __bool__(self) -> bool:
        return bool(self.variables) or self.reordered

    def counts(self, what: str) -> tuple[int, int]:
        """How many variables, and how many codes, were added (removed, changed)."""
        variables = sum(change.what == what for change in self.variables)
        return variables, sum(code.what == what for change in self.variables for code in change.codes)


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


Entry = TypeVar("Entry", bound=_Keyed)


def differences(before: CodebookSheet, after: CodebookSheet, steps: Sequence[Origins] = ()) -> Changes:
    """What has to be told about the way from `before` to `after`.

    `steps`: which codes took up others in each version on this way, the earliest first.
    """
    old, new = _by_key(before.variables), _by_key(after.variables)
    told = [
        _variable(old.get(key), new.get(key), _condition(old.get(key), new.get(key), before, after))
        for key in [*new, *(key for key in old if key not in new)]
    ]
    found = [_with_heirs(change, steps, after) for change in told if change is not None]
    return Changes(tuple(found), _reordered(before.variables, after.variables))


def _with_heirs(change: VariableChange, steps: Sequence[Origins], after: CodebookSheet) -> VariableChange:
    """The change in which codes that others took up are said to be merged or split."""
    if not steps:
        return change
    codes = tuple(_succeeded(code, change.key, steps, after) for code in change.codes)
    taking = {heir.key for code in codes for heir in code.heirs}
    return replace(
        change,
        codes=tuple(
            replace(code, is_heir=True) if code.what == ADDED and code.key in taking else code
            for code in codes
        ),
    )


def _succeeded(
    code: CodeChange, variable_key: str, steps: Sequence[Origins], after: CodebookSheet
) -> CodeChange:
    keys = heirs_of((variable_key, code.key), steps, after) if code.what == REMOVED else ()
    if not keys:
        return code
    heirs = tuple(
        each
        for variable in after.variables
        if variable.key == variable_key
        for each in variable.codes
        if each.key in keys
    )
    return replace(code, what=MERGED if len(heirs) == 1 else SPLIT, heirs=heirs)


def _condition(
    old: VariableSheet | None, new: VariableSheet | None, before: CodebookSheet, after: CodebookSheet
) -> tuple[FieldChange, ...]:
    """Under which condition a variable was asked and is asked now, where that is not the same."""
    if old is None or new is None or old.when == new.when:
        return ()
    always = _("always")
    said = when_in_words(before, old) or always, when_in_words(after, new) or always
    return (FieldChange("when", *said),)


def _variable(
    old: VariableSheet | None, new: VariableSheet | None, condition: tuple[FieldChange, ...]
) -> VariableChange | None:
    if old is None or new is None:
        whole = new or old
        assert whole is not None  # noqa: S101 - the key came from one of the two
        what = ADDED if old is None else REMOVED
        return VariableChange(
            what, whole.key, whole.label, codes=tuple(_whole(what, code) for code in whole.codes)
        )
    changed = (*_fields(old, new), *condition)
    codes = _codes(old.codes, new.codes)
    reordered = _reordered(old.codes, new.codes)
    if not (changed or codes or reordered):
        return None
    return VariableChange(CHANGED, new.key, new.label, changed, codes, reordered)


def _codes(before: Sequence[CodeSheet], after: Sequence[CodeSheet]) -> tuple[CodeChange, ...]:
    old, new = _by_key(before), _by_key(after)
    told = [_whole(ADDED, code) if key not in old else _code(old[key], code) for key, code in new.items()]
    gone = [_whole(REMOVED, code) for key, code in old.items() if key not in new]
    return tuple(change for change in told if change is not None) + tuple(gone)


def _whole(what: str, code: CodeSheet) -> CodeChange:
    return CodeChange(what, code.key, code.label)


def _code(old: CodeSheet, new: CodeSheet) -> CodeChange | None:
    changed = _fields(old, new)
    return CodeChange(CHANGED, new.key, new.label, changed) if changed else None


def _fields(old: VariableSheet | CodeSheet, new: VariableSheet | CodeSheet) -> tuple[FieldChange, ...]:
    names = [field.name for field in fields(new) if field.name not in {"key", "codes", "when"}]
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in names]
    return tuple(
        FieldChange(name, _said(before), _said(after)) for name, before, after in pairs if before != after
    )


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return write_number(value)
    return kind_word(value) if value in KINDS else str(value)


def _by_key(entries: Sequence[Entry]) -> dict[str, Entry]:
    return {entry.key: entry for entry in entries}


def _reordered(before: Sequence[_Keyed], after: Sequence[_Keyed]) -> bool:
    """Whether what both have stands in another order."""
    old, new = [entry.key for entry in before], [entry.key for entry in after]
    return [key for key in old if key in set(new)] != [key for key in new if key in set(old)]


def field_word(name: str) -> str:
    """A field of a variable or a code as people call it."""
    words: Mapping[str, str] = {
        "label": _("Label"),
        "kind": _("Kind"),
        "hint": _("Hint"),
        "required": _("Must be answered"),
        "minimum": _("Smallest number"),
        "maximum": _("Greatest number"),
        "value": _("Number on the scale"),
        "definition": _("Definition"),
        "use_when": _("Use when"),
        "avoid_when": _("Avoid when"),
        "example": _("Example"),
        "counter_example": _("Counter-example"),
        "parent_key": _("Parent"),
        "when": _("Asked"),
    }
    return words[name]


def for_history(changes: Changes) -> dict[str, Any]:
    """The changes as the history keeps them: before and after of every field that quotes no post."""
    told: dict[str, Any] = {
        "variables": [
            {"key": change.key, "what": change.what, "label": change.label}
            | _told_fields(change.fields)
            | ({"codes": [_told_code(code) for code in change.codes]} if change.codes else {})
            | ({"codes_reordered": True} if change.codes_reordered else {})
            for change in changes.variables
        ]
    }
    return told | ({"reordered": True} if changes.reordered else {})


def _told_code(change: CodeChange) -> dict[str, Any]:
    told = {"key": change.key, "what": change.what, "label": change.label} | _told_fields(change.fields)
    return told | ({"into": [heir.key for heir in change.heirs]} if change.heirs else {})


def _told_fields(changed: Sequence[FieldChange]) -> dict[str, Any]:
    if not changed:
        return {}
    return {"fields": {change.field: _told_field(change) for change in changed}}


def _told_field(change: FieldChange) -> dict[str, Any]:
    if change.field in _QUOTING:
        return {"changed": True}
    return {"before": change.before, "after": change.after}

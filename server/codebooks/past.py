"""What published versions have used: keys, which keep their meaning for life, and kinds.

A round may be coded under an older version long after a newer one was published, and all codings of a
variable are analysed together. So from its first publication on a variable keeps its key and its kind,
and a code its key. What was only ever in a draft has no codings and binds nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.errors import Refusal
from server.language import gettext as _


@dataclass(frozen=True)
class PastVariable:
    """A variable as the last version that had it, and that version's number."""

    version: int
    entry: VariableSheet


@dataclass(frozen=True)
class PastCode:
    """A code as the last version that had it, and that version's number."""

    version: int
    entry: CodeSheet


@dataclass(frozen=True)
class Past:
    """All published versions as (number, codebook), newest first."""

    versions: tuple[tuple[int, CodebookSheet], ...] = ()

    def variable(self, key: str) -> PastVariable | None:
        """The variable that has, or had, this key in any case."""
        return next((found for found in self._variables() if _same(found.entry.key, key)), None)

    def code(self, variable_key: str, key: str) -> PastCode | None:
        """The code of the variable that has, or had, this key in any case."""
        return next((found for found in self._codes(variable_key) if _same(found.entry.key, key)), None)

    def removed_variables(self, sheet: CodebookSheet) -> tuple[PastVariable, ...]:
        """The variables that `sheet` no longer has."""
        present = {variable.key for variable in sheet.variables}
        gone = {found.entry.key: found for found in reversed(list(self._variables()))}
        return tuple(found for key, found in gone.items() if key not in present)

    def removed_codes(self, variable: VariableSheet) -> tuple[PastCode, ...]:
        """The codes that `variable` no longer has."""
        present = {code.key for code in variable.codes}
        gone = {found.entry.key: found for found in reversed(list(self._codes(variable.key)))}
        return tuple(found for key, found in gone.items() if key not in present)

    def _variables(self) -> Iterator[PastVariable]:
        for number, sheet in self.versions:
            for variable in sheet.variables:
                yield PastVariable(number, variable)

    def _codes(self, variable_key: str) -> Iterator[PastCode]:
        for found in self._variables():
            if found.entry.key == variable_key:
                for code in found.entry.codes:
                    yield PastCode(found.version, code)


def refuse_reused_keys(past: Past, before: CodebookSheet, after: CodebookSheet) -> None:
    """`Refusal` where `after` gives a key of the past, gone from `before`, to something new."""
    known = {variable.key: {code.key for code in variable.codes} for variable in before.variables}
    for variable in after.variables:
        if variable.key not in known:
            _refuse_variable(past.variable(variable.key))
        for code in variable.codes:
            if code.key not in known.get(variable.key, ()):
                _refuse_code(past.code(variable.key, code.key))


def _refuse_variable(found: PastVariable | None) -> None:
    if found is None:
        return
    message = _(
        "The key “{key}” belongs to the variable “{label}” of version {version}, which was removed, "
        "and a key is never given another meaning. Choose another key, or bring the old variable back: "
        "it is listed at the end of the draft."
    ).format(key=found.entry.key, label=found.entry.label, version=found.version)
    raise Refusal(_("The variable was not saved."), {"key": message})


def _refuse_code(found: PastCode | None) -> None:
    if found is None:
        return
    message = _(
        "The key “{key}” belongs to the code “{label}” of version {version}, which was removed, "
        "and a key is never given another meaning. Choose another key, or bring the old code back: "
        "it is listed below the variable’s codes in the draft."
    ).format(key=found.entry.key, label=found.entry.label, version=found.version)
    raise Refusal(_("The code was not saved."), {"key": message})


def refuse_changed_kinds(past: Past, after: CodebookSheet) -> None:
    """`Refusal` where a kind, or the spelling of a key, is not the one that was published."""
    for variable in after.variables:
        found = past.variable(variable.key)
        if found is None:
            continue
        _refuse_spelling(found.entry.key, variable.key)
        if found.entry.kind != variable.kind:
            message = _(
                "“{label}” was published with another kind, and codings made with it would no longer fit. "
                "Make a new variable of the new kind, and remove this one."
            ).format(label=found.entry.label)
            raise Refusal(_("The kind of a published variable cannot be changed."), {"kind": message})
        for code in variable.codes:
            past_code = past.code(variable.key, code.key)
            if past_code is not None:
                _refuse_spelling(past_code.entry.key, code.key)


def _refuse_spelling(published: str, written: str) -> None:
    if published != written:
        message = _("The key “{published}” was published in this spelling. “{written}” is too much like it.")
        text = message.format(published=published, written=written)
        raise Refusal(text, {"key": text})


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()

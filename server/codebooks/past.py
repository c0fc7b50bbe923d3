"""What published versions have used: keys, which keep their meaning for life, and kinds.

A round may be coded under an older version long after a newer one was published, and all codings of a
variable are analysed together. So from its first publication on a variable keeps its key and its kind,
and a code its key. What was only ever in a draft has no codings and binds nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from server.codebooks.lineage import NO_ORIGINS, Origins, Place, heirs_of, places
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
    """A code as the last version that had it, and that version's number.

    `heirs`: what the codes are called that took it up, from the version `since` on. Published ones cannot
    be undone; 0 stands for the draft, in which bringing the code back undoes it.
    """

    version: int
    entry: CodeSheet
    heirs: tuple[str, ...] = ()
    since: int = 0

    @property
    def became(self) -> str:
        """What became of it; empty where it just left."""
        if not self.heirs:
            return ""
        names = _(" and ").join(_("“{code}”").format(code=heir) for heir in self.heirs)
        if self.since:
            return _("became {codes} in version {version}").format(codes=names, version=self.since)
        return _("becomes {codes}").format(codes=names)


@dataclass(frozen=True)
class Past:
    """All published versions as (number, codebook), newest first."""

    versions: tuple[tuple[int, CodebookSheet], ...] = ()
    origins: Mapping[int, Origins] = field(default_factory=dict)

    @cached_property
    def places(self) -> frozenset[Place]:
        """Every code that was ever published."""
        return frozenset(place for _number, sheet in self.versions for place in places(sheet))

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
        return tuple(self._told(variable.key, found) for key, found in gone.items() if key not in present)

    def became(self, variable_key: str, key: str) -> PastCode | None:
        """The code if a published version merged or split it, so that it cannot come back."""
        found = self.code(variable_key, key)
        told = None if found is None else self._told(variable_key, found)
        return told if told is not None and told.heirs else None

    def _told(self, variable_key: str, found: PastCode) -> PastCode:
        """The code with what became of it in the first version that merged or split it."""
        for number, sheet in reversed(self.versions):
            heirs = heirs_of((variable_key, found.entry.key), [self.origins.get(number, NO_ORIGINS)], sheet)
            if heirs and found.version < number:
                return replace(found, heirs=_labels(sheet, variable_key, heirs), since=number)
        return found

    def _variables(self) -> Iterator[PastVariable]:
        for number, sheet in self.versions:
            for variable in sheet.variables:
                yield PastVariable(number, variable)

    def _codes(self, variable_key: str) -> Iterator[PastCode]:
        for found in self._variables():
            if found.entry.key == variable_key:
                for code in found.entry.codes:
                    yield PastCode(found.version, code)


def _labels(sheet: CodebookSheet, variable_key: str, keys: Sequence[str]) -> tuple[str, ...]:
    codes = next(variable.codes for variable in sheet.variables if variable.key == variable_key)
    return tuple(code.label for code in codes if code.key in keys)


def in_draft(found: PastCode, origins: Origins, variable: VariableSheet) -> PastCode:
    """The removed code with what the draft makes of it, unless a version has merged or split it before."""
    if found.since:
        return found
    sheet = CodebookSheet((variable,))
    heirs = heirs_of((variable.key, found.entry.key), [origins], sheet)
    return replace(found, heirs=_labels(sheet, variable.key, heirs)) if heirs else found


def refuse_taken_up(past: Past, before: CodebookSheet, after: CodebookSheet) -> None:
    """`Refusal` where `after` brings back a code that a published version merged or split."""
    for variable_key, key in sorted(places(after) - places(before)):
        found = past.became(variable_key, key)
        if found is not None:
            message = _("“{label}” {became}, so it cannot come back. Make a new code with another key.")
            text = message.format(label=found.entry.label, became=found.became)
            raise Refusal(text, {"key": text})


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

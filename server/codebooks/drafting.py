"""Edits of a draft, each from one sheet to the next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from server.codebooks.keys import derived_key
from server.codebooks.nesting import in_reading_order
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.errors import NotFound


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


Entry = TypeVar("Entry", bound=_Keyed)


@dataclass(frozen=True)
class Move:
    """Where an entry of the draft goes: up, down, in, out, or `to` a place among those below `parent`."""

    direction: str
    parent: str | None = None
    place: int = 0


def variable_of(sheet: CodebookSheet, key: str) -> VariableSheet:
    """The variable with this key; `NotFound` where the draft has none."""
    return sheet.variables[_place(sheet.variables, key)]


def code_of(variable: VariableSheet, key: str) -> CodeSheet:
    """The code with this key; `NotFound` where the variable has none."""
    return variable.codes[_place(variable.codes, key)]


def with_variable(sheet: CodebookSheet, variable: VariableSheet) -> CodebookSheet:
    """The sheet with one variable more, at its end."""
    return replace(sheet, variables=(*sheet.variables, numbered(variable)))


def with_variable_changed(sheet: CodebookSheet, key: str, variable: VariableSheet) -> CodebookSheet:
    """The sheet with the variable `key` as `variable` says; its codes and what depends on it stay with it."""
    old = variable_of(sheet, key)
    renamed = {ConditionSheet(key, code): ConditionSheet(variable.key, code) for code in _answers(sheet, key)}
    changed = _with_variable_as(sheet, key, numbered(replace(variable, codes=old.codes)))
    return _with_conditions_renamed(changed, renamed)


def without_variable(sheet: CodebookSheet, key: str) -> CodebookSheet:
    """The sheet without the variable `key`."""
    return replace(sheet, variables=_without(sheet.variables, key))


def with_variable_moved(sheet: CodebookSheet, key: str, step: int) -> CodebookSheet:
    """The sheet with the variable `key` one place earlier (-1) or later (1)."""
    return replace(sheet, variables=_moved(sheet.variables, key, step))


def with_code(sheet: CodebookSheet, variable_key: str, code: CodeSheet) -> CodebookSheet:
    """The sheet with one code more at the end of the variable."""
    variable = variable_of(sheet, variable_key)
    return with_codes(sheet, variable, (*variable.codes, code))


def with_code_changed(sheet: CodebookSheet, variable_key: str, key: str, code: CodeSheet) -> CodebookSheet:
    """The sheet with the code `key` as `code` says; what stands below it or depends on it follows."""
    variable = variable_of(sheet, variable_key)
    place = _place(variable.codes, key)
    codes = [_reparented(other, key, code.key) for other in variable.codes]
    changed = with_codes(sheet, variable, (*codes[:place], code, *codes[place + 1 :]))
    renamed = {ConditionSheet(variable_key, key): ConditionSheet(variable_key, code.key)}
    return _with_conditions_renamed(changed, renamed)


def without_code(sheet: CodebookSheet, variable_key: str, key: str) -> CodebookSheet:
    """The sheet without the code `key`; what stood below it moves up to its parent."""
    variable = variable_of(sheet, variable_key)
    parent = code_of(variable, key).parent_key
    codes = [_reparented(code, key, parent) for code in _without(variable.codes, key)]
    return with_codes(sheet, variable, codes)


def with_code_moved(sheet: CodebookSheet, variable_key: str, key: str, step: int) -> CodebookSheet:
    """The sheet with the code `key` before (-1) or after (1) its neighbour under the same parent."""
    variable = variable_of(sheet, variable_key)
    parent = code_of(variable, key).parent_key
    siblings = [code.key for code in variable.codes if code.parent_key == parent]
    other = siblings.index(key) + step
    if not 0 <= other < len(siblings):
        return sheet
    swap = {key: siblings[other], siblings[other]: key}
    by_key = {code.key: code for code in variable.codes}
    return with_codes(sheet, variable, [by_key[swap.get(code.key, code.key)] for code in variable.codes])


def with_variable_at(sheet: CodebookSheet, key: str, move: Move) -> CodebookSheet:
    """The sheet with the variable moved; variables stand below nothing, so that in and out leave it."""
    if move.direction == "to":
        return with_variable_placed(sheet, key, move.place)
    return with_variable_moved(sheet, key, {"up": -1, "down": 1}.get(move.direction, 0))


def with_code_at(sheet: CodebookSheet, variable_key: str, key: str, move: Move) -> CodebookSheet:
    """The sheet with the code moved."""
    if move.direction == "to":
        return with_code_placed(sheet, variable_key, key, move.parent, move.place)
    if move.direction == "in":
        return with_code_nested(sheet, variable_key, key)
    if move.direction == "out":
        return with_code_unnested(sheet, variable_key, key)
    return with_code_moved(sheet, variable_key, key, -1 if move.direction == "up" else 1)


def with_variable_placed(sheet: CodebookSheet, key: str, place: int) -> CodebookSheet:
    """The sheet with the variable `key` at this place among all, from 0 on."""
    others = list(_without(sheet.variables, key))
    others.insert(place, variable_of(sheet, key))
    return replace(sheet, variables=tuple(others))


def with_code_placed(
    sheet: CodebookSheet, variable_key: str, key: str, parent: str | None, place: int
) -> CodebookSheet:
    """The sheet with the code `key` below `parent`, at this place among the codes there, from 0 on."""
    variable = variable_of(sheet, variable_key)
    code = replace(code_of(variable, key), parent_key=parent)
    codes = list(_without(variable.codes, key))
    siblings = [place for place, other in enumerate(codes) if other.parent_key == parent]
    codes.insert(siblings[place] if place < len(siblings) else len(codes), code)
    return with_codes(sheet, variable, codes)


def with_code_nested(sheet: CodebookSheet, variable_key: str, key: str) -> CodebookSheet:
    """The sheet with the code `key` below the one before it, as the last there."""
    variable = variable_of(sheet, variable_key)
    parent = code_of(variable, key).parent_key
    siblings = [code.key for code in variable.codes if code.parent_key == parent]
    place = siblings.index(key)
    if not place:
        return sheet
    return with_code_placed(sheet, variable_key, key, siblings[place - 1], len(variable.codes))


def with_code_unnested(sheet: CodebookSheet, variable_key: str, key: str) -> CodebookSheet:
    """The sheet with the code `key` behind the one that it stood below."""
    variable = variable_of(sheet, variable_key)
    parent = code_of(variable, key).parent_key
    if parent is None:
        return sheet
    above = code_of(variable, parent).parent_key
    siblings = [code.key for code in variable.codes if code.parent_key == above]
    return with_code_placed(sheet, variable_key, key, above, siblings.index(parent) + 1)


def keyed_variable(
    sheet: CodebookSheet, variable: VariableSheet, gone: Collection[str] = ()
) -> VariableSheet:
    """The variable with a key made of its label, unless it has one. `gone`: keys of earlier versions."""
    taken = [other.key for other in sheet.variables]
    return replace(variable, key=variable.key or derived_key(variable.label, taken, "question", gone))


def keyed_code(
    sheet: CodebookSheet, variable_key: str, code: CodeSheet, gone: Collection[str] = ()
) -> CodeSheet:
    """The code with a key made of its label, unless it has one. `gone`: keys of earlier versions."""
    taken = [other.key for other in variable_of(sheet, variable_key).codes]
    return replace(code, key=code.key or derived_key(code.label, taken, "code", gone))


def in_order(sheet: CodebookSheet) -> CodebookSheet:
    """The sheet with its scales numbered and children behind their parents."""
    variables = [numbered(variable) for variable in sheet.variables]
    return CodebookSheet(
        tuple(replace(variable, codes=in_reading_order(variable.codes)) for variable in variables)
    )


def numbered(variable: VariableSheet) -> VariableSheet:
    """A scale of which no step has a number yet is numbered from 0 in its order."""
    if variable.kind != "ordinal" or any(code.value is not None for code in variable.codes):
        return variable
    codes = tuple(replace(code, value=float(rank)) for rank, code in enumerate(variable.codes))
    return replace(variable, codes=codes)


def _with_variable_as(sheet: CodebookSheet, key: str, variable: VariableSheet) -> CodebookSheet:
    place = _place(sheet.variables, key)
    return replace(sheet, variables=(*sheet.variables[:place], variable, *sheet.variables[place + 1 :]))


def with_codes(sheet: CodebookSheet, variable: VariableSheet, codes: Sequence[CodeSheet]) -> CodebookSheet:
    """The sheet in which the variable has these codes, children behind their parents."""
    return _with_variable_as(sheet, variable.key, replace(variable, codes=in_reading_order(codes)))


def _answers(sheet: CodebookSheet, key: str) -> frozenset[str]:
    """The answers to the variable `key` on which others depend."""
    return frozenset(each.code for other in sheet.variables for each in other.when if each.on == key)


def _with_conditions_renamed(
    sheet: CodebookSheet, renamed: Mapping[ConditionSheet, ConditionSheet]
) -> CodebookSheet:
    def followed(variable: VariableSheet) -> VariableSheet:
        return replace(variable, when=frozenset(renamed.get(each, each) for each in variable.when))

    return replace(sheet, variables=tuple(followed(variable) for variable in sheet.variables))


def _reparented(code: CodeSheet, old: str, new: str | None) -> CodeSheet:
    return replace(code, parent_key=new) if code.parent_key == old else code


def _place(entries: Sequence[_Keyed], key: str) -> int:
    place = next((place for place, entry in enumerate(entries) if entry.key == key), None)
    if place is None:
        raise NotFound
    return place


def _without(entries: Sequence[Entry], key: str) -> tuple[Entry, ...]:
    place = _place(entries, key)
    return (*entries[:place], *entries[place + 1 :])


def _moved(entries: Sequence[Entry], key: str, step: int) -> tuple[Entry, ...]:
    place = _place(entries, key)
    other = place + step
    if not 0 <= other < len(entries):
        return tuple(entries)
    moved = list(entries)
    moved[place], moved[other] = moved[other], moved[place]
    return tuple(moved)

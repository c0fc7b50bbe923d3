"""Codes under their parents: the order in which a codebook is read."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.codebooks.conditions import when_in_words
from server.codebooks.kinds import kind_word
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet, write_number


@dataclass(frozen=True)
class NestedCode:
    """A code, how many parents stand above it, and whether it is the first or last below its parent."""

    code: CodeSheet
    depth: int
    is_first: bool = True
    is_last: bool = True

    @property
    def value(self) -> str:
        """Its number on the scale; empty where it has none."""
        return write_number(self.code.value)


@dataclass(frozen=True)
class NestedVariable:
    """A variable with its codes in reading order; `only_if` says under which condition it is asked."""

    variable: VariableSheet
    codes: tuple[NestedCode, ...]
    only_if: str

    @property
    def kind(self) -> str:
        """The kind as people call it."""
        return kind_word(self.variable.kind)

    @property
    def limits(self) -> tuple[str, str]:
        """The smallest and the greatest number; empty where there is no limit."""
        return write_number(self.variable.minimum), write_number(self.variable.maximum)


def nested_variables(sheet: CodebookSheet) -> tuple[NestedVariable, ...]:
    """All variables with their codes in reading order."""
    return tuple(
        NestedVariable(variable, tuple(nested(variable.codes)), when_in_words(sheet, variable))
        for variable in sheet.variables
    )


def nested(codes: Sequence[CodeSheet]) -> list[NestedCode]:
    """Every code once, each after its parent; what belongs to no tree (a circle) comes last."""
    known = {code.key for code in codes}
    children: dict[str | None, list[CodeSheet]] = defaultdict(list)
    for code in codes:
        children[code.parent_key if code.parent_key in known else None].append(code)
    found = list(_walk(children, None, 0))
    reached = {place.code.key for place in found}
    return found + [NestedCode(code, 0) for code in codes if code.key not in reached]


def _walk(
    children: dict[str | None, list[CodeSheet]], parent_key: str | None, depth: int
) -> Iterator[NestedCode]:
    siblings = children.get(parent_key, [])
    for place, code in enumerate(siblings, start=1):
        yield NestedCode(code, depth, is_first=place == 1, is_last=place == len(siblings))
        yield from _walk(children, code.key, depth + 1)


def in_reading_order(codes: Sequence[CodeSheet]) -> tuple[CodeSheet, ...]:
    """The codes with children behind their parents."""
    return tuple(place.code for place in nested(codes))


def descendants(codes: Sequence[CodeSheet], key: str) -> frozenset[str]:
    """The keys of all codes below the code `key`, and its own."""
    found = {key}
    while more := {code.key for code in codes if code.parent_key in found} - found:
        found |= more
    return frozenset(found)

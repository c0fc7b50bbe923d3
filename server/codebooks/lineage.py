"""What became of codes: which code of a version takes up what another one meant. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from server.codebooks.sheet import CodebookSheet


class Origin(NamedTuple):
    """The code `code` of a variable takes up what `origin` meant; all three by their keys."""

    variable: str
    code: str
    origin: str


Origins = frozenset[Origin]
NO_ORIGINS: Origins = frozenset()
Place = tuple[str, str]
"""A code, by the keys of its variable and its own."""


def passed_on(origins: Origins, variable: str, key: str, heirs: Collection[str]) -> Origins:
    """The origins after `heirs` took up the code `key`, with all that it had taken up itself."""
    own = {each.origin for each in origins if (each.variable, each.code) == (variable, key)}
    others = {each for each in origins if (each.variable, each.code) != (variable, key)}
    return frozenset(others | {Origin(variable, heir, origin) for heir in heirs for origin in {key, *own}})


def renamed(origins: Origins, variable: str, key: str, new: str) -> Origins:
    """The origins after the code `key` got another key."""
    return frozenset(
        each._replace(code=new) if (each.variable, each.code) == (variable, key) else each for each in origins
    )


def standing(origins: Origins, published: Collection[Place], sheet: CodebookSheet) -> Origins:
    """The origins that still say something: the origin was published and is gone, and its heir stands."""
    present = places(sheet)
    return frozenset(
        each
        for each in origins
        if (each.variable, each.code) in present
        and (each.variable, each.origin) not in present
        and (each.variable, each.origin) in published
    )


def places(sheet: CodebookSheet) -> frozenset[Place]:
    """All codes of a codebook."""
    return frozenset((variable.key, code.key) for variable in sheet.variables for code in variable.codes)


def heirs_of(place: Place, steps: Sequence[Origins], sheet: CodebookSheet) -> tuple[str, ...]:
    """The codes of `sheet` that took up the code, in their order, after the versions whose `steps` these are.

    Nothing where the code stands in `sheet` itself, or left without an heir.
    """
    variable, key = place
    reached = {key}
    for step in steps:
        taken = _taken_up(step, variable)
        reached = {heir for each in reached for heir in taken.get(each, (each,))}
    stands = [each.key for found in sheet.variables if found.key == variable for each in found.codes]
    return () if key in stands else tuple(each for each in stands if each in reached)


def _taken_up(step: Iterable[Origin], variable: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in step:
        if each.variable == variable:
            found.setdefault(each.origin, []).append(each.code)
    return found

"""Whether a change is one of wording or of meaning: what is proposed, what the lead says, what is settled.

Pure. What decides how codings read (a kind, a scale, a condition, a code that comes or goes) is always one
of meaning.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from server.codebooks.changes import CHANGED, Changes, CodeChange, VariableChange
from server.codebooks.lineage import Place

WORDING_FIELDS = frozenset({"hint", "example", "counter_example"})
SETTLED_FIELDS = frozenset({"kind", "value", "when", "required", "minimum", "maximum"})
Marks = Mapping[Place, bool]
"""Whether an entry changed in its meaning, by the keys of its variable and its code ("" for the variable)."""

NOTHING_SAID: Marks = {}


@dataclass(frozen=True)
class Markable:
    """An entry that changed. `is_settled`: the lead cannot say otherwise."""

    place: Place
    is_semantic: bool
    is_settled: bool


def markable(changes: Changes) -> Iterator[Markable]:
    """Every entry that changed, with what is proposed for it."""
    for change in changes.variables:
        if change.is_own:
            yield _proposed(change, (change.key, ""))
        for code in change.codes:
            yield _proposed(code, (change.key, code.key))


def _proposed(change: VariableChange | CodeChange, place: Place) -> Markable:
    names = {each.field for each in change.fields}
    is_settled = change.what != CHANGED or bool(names & SETTLED_FIELDS)
    return Markable(place, is_settled or bool(names - WORDING_FIELDS), is_settled)


def settled(changes: Changes, said: Marks) -> Marks:
    """What holds for each entry: what the lead said where it can be said, and the proposal elsewhere."""
    return {
        each.place: each.is_semantic if each.is_settled else said.get(each.place, each.is_semantic)
        for each in markable(changes)
    }


def proposed(changes: Changes) -> Changes:
    """The changes with the proposal at each, and where it can be changed."""
    found = {each.place: each for each in markable(changes)}
    marks = {place: each.is_semantic for place, each in found.items()}
    open_ = frozenset(place for place, each in found.items() if not each.is_settled)
    return marked(changes, marks, open_)


def marked(changes: Changes, marks: Marks, open_: frozenset[Place] = frozenset()) -> Changes:
    """The changes with what was said of each entry; `open_`: those of which it can be said."""

    def code(variable_key: str, change: CodeChange) -> CodeChange:
        place = (variable_key, change.key)
        return replace(change, is_semantic=marks.get(place), is_open=place in open_)

    def variable(change: VariableChange) -> VariableChange:
        place = (change.key, "")
        return replace(
            change,
            is_semantic=marks.get(place) if change.is_own else None,
            is_open=place in open_,
            codes=tuple(code(change.key, each) for each in change.codes),
        )

    return replace(changes, variables=tuple(variable(each) for each in changes.variables))


def fated(changes: Changes, fates: Mapping[Place, str]) -> Changes:
    """The changes with what became of older codings, where somebody decided that."""

    def codes(of: VariableChange) -> tuple[CodeChange, ...]:
        return tuple(replace(code, fate=fates.get((of.key, code.key), "")) for code in of.codes)

    told = (
        replace(change, fate=fates.get((change.key, ""), ""), codes=codes(change))
        for change in changes.variables
    )
    return replace(changes, variables=tuple(told))


def together(steps: Sequence[Marks]) -> Marks:
    """What several versions in a row say of an entry: of meaning if one of them does."""
    found: dict[Place, bool] = {}
    for step in steps:
        for place, is_semantic in step.items():
            found[place] = found.get(place, False) or is_semantic
    return found

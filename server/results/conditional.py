"""Final values of questions that are asked only after certain answers: none where they are not asked.

Whether a question is asked of a post is decided by the final values of the questions it depends on. Where
these are not coded or unresolved it may be asked, and its own codings speak. Where they rule it out, the post
is coded on it only as far as it was put to those who coded the post.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from server.codebooks.queries import ConditionInfo, VariableInfo
from server.results.outcomes import Bases, Basis, Choices, Counts, Flags, Statements, has_value


@dataclass(frozen=True)
class Final:
    """The final values of a variable on some posts.

    `voices` counts the annotators whose codings count (posts,). `nothing` is whether no code applies, a
    question of multiple choices alone.
    """

    voices: Counts
    values: Choices | Statements
    nothing: Choices | None = None


def as_asked(
    of: Sequence[VariableInfo], finals: Mapping[int, Final], put: Callable[[VariableInfo], Flags]
) -> dict[int, Final]:
    """The same final values, without those of questions that are not asked; `of` in the codebook's order.

    `put`: whether a round in which the post is coded puts the question, a multiple choice code by code
    (posts, codes); else (posts, 1).
    """
    known = {variable.id: variable for variable in of}
    is_asked: dict[int, Flags] = {}
    found: dict[int, Final] = {}
    for variable in of:
        final = finals[variable.id]
        if variable.when:
            answers = [
                is_asked[each.on_id] & _may_be(known[each.on_id], finals[each.on_id], each)
                for each in variable.when
                if each.on_id in is_asked
            ]
            is_asked[variable.id] = np.logical_or.reduce(answers) if answers else _everywhere(final)
            final = _without(final, ~is_asked[variable.id], put(variable))
        else:
            is_asked[variable.id] = _everywhere(final)
        found[variable.id] = final
    return found


def _everywhere(final: Final) -> Flags:
    return np.ones(len(final.voices), dtype=np.bool_)


def _may_be(on: VariableInfo, final: Final, condition: ConditionInfo) -> Flags:
    """On which posts the final values do not rule an answer out."""
    place = next((place for place, code in enumerate(on.codes) if code.id == condition.code_id), None)
    values = final.nothing if condition.code_id is None else final.values
    if not isinstance(values, Choices) or (condition.code_id is not None and place is None):
        return ~_everywhere(final)
    chosen, basis = values.chosen[:, place or 0], values.basis[:, place or 0]
    return np.asarray(chosen | ~has_value(basis) | (basis == Basis.UNRESOLVED))


def _without(final: Final, gone: Flags, put: Flags) -> Final:
    """The final values, but not on the posts `gone`."""
    of_any: Flags = np.asarray(put.any(axis=1))
    nothing = None if final.nothing is None else _no_choice(final.nothing, gone, of_any[:, None])
    values = final.values
    if isinstance(values, Choices):
        return replace(final, values=_no_choice(values, gone, put), nothing=nothing)
    said = values.values.copy()
    said[gone] = None
    return replace(final, values=Statements(said, _not_asked(values.basis, gone, of_any)))


def _no_choice(choices: Choices, gone: Flags, put: Flags) -> Choices:
    return Choices(choices.chosen & ~gone[:, None], _not_asked(choices.basis, gone[:, None], put))


def _not_asked(basis: Bases, gone: Flags, put: Flags) -> Bases:
    """An own coding or decision tells that the question was put, whatever the rounds say."""
    ruled_out = np.where(put | has_value(basis), Basis.NOT_ASKED, Basis.NOT_PUT)
    return np.where(gone, ruled_out, basis).astype(np.int8)

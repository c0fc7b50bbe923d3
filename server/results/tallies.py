"""From grouped rows of a slice of posts to arrays, and from these to the final values of its variables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlmodel import Session

from server.codebooks.kinds import CHOICES
from server.codebooks.queries import VariableInfo
from server.projects.access import Access
from server.results.outcomes import (
    Ballots,
    Bases,
    Basis,
    Choices,
    Counts,
    Decided,
    Rule,
    Statements,
    Values,
    Worded,
    each_code,
    no_code,
    one_code,
    one_statement,
)
from server.results.queries import PostLine, Scope, Slice, offered_codes, slices

_BY_WORD = {basis.word: basis for basis in Basis}
_Row = Sequence[Any]


@dataclass(frozen=True)
class Final:
    """The final values of a variable on some posts.

    `voices` counts the annotators whose codings count (posts,). `nothing` is whether no code applies, a
    question of multiple choices alone.
    """

    voices: Counts
    values: Choices | Statements
    nothing: Choices | None = None


@dataclass(frozen=True)
class FinalSlice:
    """Some posts with their final values, by the ids of the variables."""

    posts: tuple[PostLine, ...]
    finals: dict[int, Final]


def final_slices(
    db: Session, access: Access, scope: Scope, of: Sequence[VariableInfo], rule: Rule
) -> Iterator[FinalSlice]:
    """The final values of all posts, some thousand posts at a time, in the order of their numbers."""
    offered = offered_codes(db, scope)
    for part in slices(db, access, scope, of):
        rows = _RowsByVariable(part, offered)
        yield FinalSlice(part.posts, {variable.id: rows.final(variable, rule) for variable in of})


class _RowsByVariable:
    """The rows of a slice, sorted by variable, with the place of each post in it."""

    def __init__(self, part: Slice, offered: dict[int, frozenset[int]]) -> None:
        self._offered = offered
        self._n = len(part.posts)
        self._place = {post.id: place for place, post in enumerate(part.posts)}
        self._ballots = _by_variable(part.ballots)
        self._voices = _by_variable(part.voices)
        self._worded = _by_variable(part.worded)
        self._decisions = _by_variable(part.decisions)

    def final(self, variable: VariableInfo, rule: Rule) -> Final:
        """The final values of one variable."""
        return self._choices(variable, rule) if variable.kind in CHOICES else self._statements(variable, rule)

    def _choices(self, variable: VariableInfo, rule: Rule) -> Final:
        counts, decided = self._counts(variable), self._decided(variable)
        codes, empty = counts[:, :-1], counts[:, -1]
        if variable.kind != "multiple":
            voices = counts.sum(axis=1)
            offered = np.repeat(voices[:, None], codes.shape[1], axis=1)
            return Final(voices, one_code(Ballots(codes, offered, voices), decided, rule))
        ballots = Ballots(codes, *self._voices_of(variable))
        final = each_code(ballots, decided, rule)
        return Final(ballots.voices, final, no_code(final, ballots, empty, decided))

    def _counts(self, variable: VariableInfo) -> Counts:
        """How many annotators chose each code; in the last column, how many chose none."""
        column = {code.id: place for place, code in enumerate(variable.codes)}
        counts = np.zeros((self._n, len(column) + 1), dtype=np.int64)
        for _variable, post, code, annotators in self._ballots.get(variable.id, ()):
            counts[self._place[post], column.get(code, -1)] = annotators
        return counts

    def _voices_of(self, variable: VariableInfo) -> tuple[Counts, Counts]:
        """How many annotators could choose each code of a multiple choice, and how many answered."""
        has = {
            round_id: np.array([code.id in codes for code in variable.codes])
            for round_id, codes in self._offered.items()
        }
        offered = np.zeros((self._n, len(variable.codes)), dtype=np.int64)
        voices = np.zeros(self._n, dtype=np.int64)
        for _variable, post, round_id, annotators in self._voices.get(variable.id, ()):
            offered[self._place[post], has[round_id]] += annotators
            voices[self._place[post]] += annotators
        return offered, voices

    def _decided(self, variable: VariableInfo) -> Decided:
        column = {code.id: place for place, code in enumerate(variable.codes)}
        chosen = np.zeros((self._n, len(column)), dtype=np.bool_)
        for _variable, post, _basis, code, _number, _text in self._decisions.get(variable.id, ()):
            if code in column:
                chosen[self._place[post], column[code]] = True
        return Decided(chosen, self._bases(variable))

    def _statements(self, variable: VariableInfo, rule: Rule) -> Final:
        voices, alike = np.zeros(self._n, dtype=np.int64), np.zeros(self._n, dtype=np.bool_)
        values, decided = self._no_values(), self._no_values()
        for _variable, post, annotators, least, greatest, first, last in self._worded.get(variable.id, ()):
            place = self._place[post]
            voices[place], alike[place] = annotators, least == greatest and first == last
            values[place] = least if variable.kind == "number" else first
        for _variable, post, _basis, _code, number, text in self._decisions.get(variable.id, ()):
            decided[self._place[post]] = number if variable.kind == "number" else text
        coded, bases = Worded(voices, alike, values), self._bases(variable)
        return Final(voices, one_statement(coded, decided, bases, rule))

    def _bases(self, variable: VariableInfo) -> Bases:
        bases = np.zeros(self._n, dtype=np.int8)
        for _variable, post, basis, *_answer in self._decisions.get(variable.id, ()):
            bases[self._place[post]] = _BY_WORD[basis]
        return bases

    def _no_values(self) -> Values:
        return np.full(self._n, None, dtype=object)


def _by_variable(rows: Sequence[_Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def joined(parts: Sequence[Final]) -> Final:
    """The final values of one variable over all slices."""
    choices = [part.values for part in parts if isinstance(part.values, Choices)]
    statements = [part.values for part in parts if isinstance(part.values, Statements)]
    nothing = [part.nothing for part in parts if part.nothing is not None]
    return Final(
        np.concatenate([part.voices for part in parts]),
        _joined_choices(choices) if choices else _joined_statements(statements),
        _joined_choices(nothing) if nothing else None,
    )


def _joined_choices(parts: Sequence[Choices]) -> Choices:
    chosen, basis = [part.chosen for part in parts], [part.basis for part in parts]
    return Choices(np.concatenate(chosen), np.concatenate(basis))


def _joined_statements(parts: Sequence[Statements]) -> Statements:
    values, basis = [part.values for part in parts], [part.basis for part in parts]
    return Statements(np.concatenate(values), np.concatenate(basis))

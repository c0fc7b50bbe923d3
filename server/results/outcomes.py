"""How the final value of each post comes about, from annotators' answers and decisions, and on what basis.

A standing decision is the final value. Where there is none, the codings speak, as far as the `Rule` lets
them. Arrays have one row a post; a post without codings and without a decision is not coded.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]
Bases = NDArray[np.int8]
Values = NDArray[np.object_]


class Rule(StrEnum):
    """What may stand as a final value without a decision."""

    PLURALITY = "plurality"
    MAJORITY = "majority"
    DECISIONS = "decisions"


class Basis(IntEnum):
    """What a final value rests on. A number, so that millions of them fit into an array.

    Where another answer rules a question out, the post is coded on it if the question was put with that other
    one (`NOT_ASKED`), and not if it was put to nobody who coded the post (`NOT_PUT`): such posts are those of
    a round without the question that have this very answer, so they are no random ones.
    """

    NOT_CODED = 0
    UNANIMOUS = 1
    MAJORITY = 2
    PLURALITY = 3
    SINGLE = 4
    ADJUDICATED = 5
    CONSENSUS = 6
    MODEL = 7
    UNRESOLVED = 8
    NOT_ASKED = 9
    NOT_PUT = 10

    @property
    def word(self) -> str:
        """The basis as files and decisions name it; empty for a post that is not coded.

        Files say of values alone, and there is none where a question is ruled out, whoever it was put to.
        """
        if self is Basis.NOT_CODED:
            return ""
        return (Basis.NOT_ASKED if self is Basis.NOT_PUT else self).name.lower()


_WITHOUT_VALUE = (Basis.NOT_CODED, Basis.NOT_ASKED, Basis.NOT_PUT)
REPORTED = tuple(basis for basis in Basis if basis not in _WITHOUT_VALUE)


def has_value(basis: Bases) -> Flags:
    """Where there is a coding or a decision, of a question that is asked."""
    return ~np.isin(basis, _WITHOUT_VALUE)


def is_coded_on(basis: Bases) -> Flags:
    """Where there is a coding or a decision, if only that the question is not asked of the post.

    A coding of a round without the question is none: it would have said nothing had its answers been others.
    """
    return np.asarray((basis != Basis.NOT_CODED) & (basis != Basis.NOT_PUT))


@dataclass(frozen=True)
class Ballots:
    """Codings of a choice: how many annotators chose each code, and how many could, both (posts, codes).

    An annotator cannot choose a code that their version of the codebook did not have. `voices` counts who
    answered at all (posts,).
    """

    counts: Counts
    offered: Counts
    voices: Counts


@dataclass(frozen=True)
class Decided:
    """Standing decisions of a choice: codes (posts, codes) and bases (posts,), 0 where there is none."""

    chosen: Flags
    basis: Bases

    @property
    def is_decided(self) -> Flags:
        """Which posts have a decision (posts,)."""
        return np.not_equal(self.basis, Basis.NOT_CODED)


@dataclass(frozen=True)
class Worded:
    """Codings of a number or text: how many (posts,), whether all say the same, and what the first says."""

    voices: Counts
    alike: Flags
    values: Values


@dataclass(frozen=True)
class Choices:
    """Final codes: whether each post carries each code, and what that rests on, both (posts, codes)."""

    chosen: Flags
    basis: Bases

    @property
    def is_coded(self) -> Flags:
        """Which posts have a coding or a decision (posts,)."""
        return np.asarray(has_value(self.basis).any(axis=1))

    @property
    def is_unresolved(self) -> Flags:
        """Which posts are open on at least one code (posts,)."""
        return np.asarray((self.basis == Basis.UNRESOLVED).any(axis=1))


@dataclass(frozen=True)
class Statements:
    """Final numbers or texts, None where there is none, and what they rest on, both (posts,)."""

    values: Values
    basis: Bases

    @property
    def is_coded(self) -> Flags:
        """Which posts have a coding or a decision (posts,)."""
        return has_value(self.basis)

    @property
    def is_unresolved(self) -> Flags:
        """Which posts are open (posts,)."""
        return np.equal(self.basis, Basis.UNRESOLVED)


def one_code(ballots: Ballots, decided: Decided, rule: Rule) -> Choices:
    """Single choice and ordinal scale: the most frequent answer of a post; the basis is the post's.

    More than half of the annotators are a majority, fewer a plurality, and equally frequent answers leave
    the post unresolved.
    """
    counts, voices = ballots.counts, ballots.voices
    top = counts.max(axis=1)
    is_top = (counts == top[:, None]) & (top > 0)[:, None]
    unanimous = top == voices
    basis = np.select(
        [voices == 0, voices == 1, unanimous, 2 * top > voices, is_top.sum(axis=1) == 1],
        [Basis.NOT_CODED, Basis.SINGLE, Basis.UNANIMOUS, Basis.MAJORITY, Basis.PLURALITY],
        Basis.UNRESOLVED,
    )
    basis = _as_ruled(basis, rule)
    agreed = (voices > 1) & unanimous & (is_top == decided.chosen).all(axis=1)
    resolved = (basis != Basis.UNRESOLVED) & (basis != Basis.NOT_CODED)
    chosen = np.where(decided.is_decided[:, None], decided.chosen, is_top & resolved[:, None])
    column = _after_decisions(basis, decided.basis, agreed)[:, None]
    return Choices(chosen, np.repeat(column, counts.shape[1], axis=1))


def each_code(ballots: Ballots, decided: Decided, rule: Rule) -> Choices:
    """Multiple choice: each code is a question of yes or no; exactly half of the annotators leave it open."""
    yes, voices = ballots.counts, ballots.offered
    basis = np.select(
        [voices == 0, voices == 1, (yes == 0) | (yes == voices), 2 * yes != voices],
        [Basis.NOT_CODED, Basis.SINGLE, Basis.UNANIMOUS, Basis.MAJORITY],
        Basis.UNRESOLVED,
    )
    basis = _as_ruled(basis, rule)
    agreed = (voices > 1) & (yes == np.where(decided.chosen, voices, 0))
    resolved = basis != Basis.UNRESOLVED
    chosen = np.where(decided.is_decided[:, None], decided.chosen, (2 * yes > voices) & resolved)
    return Choices(chosen, _after_decisions(basis, decided.basis[:, None], agreed))


def no_code(codes: Choices, ballots: Ballots, empty: Counts, decided: Decided) -> Choices:
    """Whether a post of a multiple choice carries none of its codes, as one more question of yes or no.

    It follows from the codes: no where one is carried, open where none is carried but one is open. `empty`
    counts the annotators who said that nothing applies (posts,).
    """
    carries, coded = codes.chosen.any(axis=1), codes.is_coded
    is_open = codes.is_unresolved & ~carries
    chosen = coded & ~carries & ~is_open
    voices = ballots.voices
    agreed = (voices > 1) & (empty == np.where(chosen, voices, 0))
    basis = np.select(
        [~coded, is_open, voices == 1, agreed],
        [Basis.NOT_CODED, Basis.UNRESOLVED, Basis.SINGLE, Basis.UNANIMOUS],
        Basis.MAJORITY,
    )
    column = _after_decisions(basis, decided.basis, agreed)
    return Choices(chosen[:, None], column[:, None])


def one_statement(worded: Worded, decided: Values, bases: Bases, rule: Rule) -> Statements:
    """Number and text: what all annotators say alike; answers that differ stay unresolved until decided.

    `decided` holds the values of decisions and `bases` their bases, 0 where there is none.
    """
    basis = np.select(
        [worded.voices == 0, worded.voices == 1, worded.alike],
        [Basis.NOT_CODED, Basis.SINGLE, Basis.UNANIMOUS],
        Basis.UNRESOLVED,
    )
    basis = _as_ruled(basis, rule)
    agreed = (worded.voices > 1) & worded.alike & (worded.values == decided)
    is_open = (basis == Basis.UNRESOLVED) | (basis == Basis.NOT_CODED)
    values = worded.values.copy()
    values[is_open] = None
    values = np.where(bases != Basis.NOT_CODED, decided, values)
    return Statements(values, _after_decisions(basis, bases, agreed))


def _as_ruled(basis: NDArray[Any], rule: Rule) -> NDArray[Any]:
    """What the rule does not let stand is unresolved."""
    if rule is Rule.DECISIONS:
        return np.where(basis == Basis.NOT_CODED, Basis.NOT_CODED, Basis.UNRESOLVED)
    if rule is Rule.MAJORITY:
        return np.where(basis == Basis.PLURALITY, Basis.UNRESOLVED, basis)
    return basis


def _after_decisions(basis: NDArray[Any], decided: Bases, agreed: Flags) -> Bases:
    """A decision's basis goes before, but what all annotators had said like it stays unanimous."""
    of_decision = np.where(agreed, Basis.UNANIMOUS, decided)
    return np.where(decided != Basis.NOT_CODED, of_decision, basis).astype(np.int8)

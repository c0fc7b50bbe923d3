"""Which codes stand together in posts: the matrix of co-occurrence."""

import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from server.codebooks.kinds import CHOICES
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.results.choices import USUAL, Ways
from server.results.fields import Pick, choices_of, picks
from server.results.finals import Finals
from server.results.memory import remembered_finals
from server.results.outcomes import Flags, has_value, is_coded_on
from server.results.queries import scope_of_figures, variables
from server.results.sampling import Sampling, Weighted, sampling_of, weighted_by
from server.results.weighing import Weighing
from server.rounds.queries import Sight

_SHADES = 9
Floats = NDArray[np.float64]


class Measure(StrEnum):
    """What a cell says of the posts with both codes."""

    SHARE = "share"
    COUNT = "count"
    JACCARD = "jaccard"


@dataclass(frozen=True)
class Pair:
    """Posts with the code of the row and that of the column.

    `share` is their part of the posts with the row's code that were coded on the column's (`of_row`),
    `jaccard` of the posts with either that were coded on both (`of_either`), both parts by the weights of the
    posts; counts are not weighed. None where there is no such post.
    """

    row: Pick
    column: Pick
    both: int
    of_row: int
    of_either: int
    share: float | None
    jaccard: float | None

    @property
    def is_itself(self) -> bool:
        """Whether it is one code with itself."""
        return self.row.code.id == self.column.code.id

    @property
    def cannot_be(self) -> bool:
        """Whether the two are answers to a question that has one answer."""
        return self.row.variable.id == self.column.variable.id and self.row.variable.kind != "multiple"

    def shade(self, measure: Measure, most: int) -> str:
        """The class of its colour; none where nothing stands together."""
        if self.is_itself or not self.both:
            return ""
        parts = {Measure.SHARE: self.share, Measure.JACCARD: self.jaccard, Measure.COUNT: self.both / most}
        return f"heat-{max(1, math.ceil(_SHADES * (parts[measure] or 0)))}"


@dataclass(frozen=True)
class TogetherReport:
    """The pairs of codes, of all questions or of one. `most` is the largest count of two codes.

    `codes` and `rows` are those that some post carries, `never` the others, and `every` has the pairs of all.
    """

    questions: tuple[tuple[str, str], ...]
    question: str
    codes: tuple[Pick, ...]
    never: tuple[Pick, ...]
    rows: tuple[tuple[Pair, ...], ...]
    every: tuple[Pair, ...]
    most: int
    n_posts: int
    weighted: Weighted
    sampling: Sampling
    hidden: tuple[Sight, ...]


def together_report(db: Session, access: Access, question: str, ways: Ways = USUAL) -> TogetherReport:
    """Which codes stand together in the posts, as this reader may see them.

    Raises:
        Refusal: where there is no such question, or posts have no weights.
    """
    scope = scope_of_figures(db, access)
    all_ = variables(db, access, scope)
    known = [variable for variable in all_ if variable.kind in CHOICES]
    chosen = [variable for variable in known if question in {"", variable.key}]
    if question and not chosen:
        message = _("The codebook has no such question.")
        raise Refusal(message, {"question": message})
    finals = remembered_finals(db, access, scope, all_, ways.rule)
    sampling = sampling_of(db, scope)
    weighted = weighted_by(db, scope, finals, sampling, ways)
    questions = tuple((variable.key, variable.label) for variable in known)
    codes = tuple(picks(chosen).values()) if finals.of else ()
    rows = _pairs(finals, codes, weighted.weighing)
    every = tuple(pair for row in rows for pair in row)
    used = {pair.row.code.id for pair in every if pair.is_itself and pair.both}
    return TogetherReport(
        questions,
        question,
        codes=tuple(pick for pick in codes if pick.code.id in used),
        never=tuple(pick for pick in codes if pick.code.id not in used),
        rows=_of(used, rows),
        every=every,
        most=max((pair.both for pair in every if not pair.is_itself), default=0) or 1,
        n_posts=int(finals.is_coded.sum()),
        weighted=weighted,
        sampling=sampling,
        hidden=scope.hidden,
    )


def _of(used: AbstractSet[int], rows: Iterable[Sequence[Pair]]) -> tuple[tuple[Pair, ...], ...]:
    """The rows and columns of these codes."""
    return tuple(
        tuple(pair for pair in row if pair.column.code.id in used)
        for row in rows
        if row[0].row.code.id in used
    )


def _pairs(finals: Finals, codes: tuple[Pick, ...], weighed: Weighing | None) -> tuple[tuple[Pair, ...], ...]:
    """All pairs; weighed, each part is a ratio of sums of weights (Särndal, Swensson & Wretman 1992, 5.6)."""
    if not codes:
        return ()
    carries, coded, drawn = _columns(finals, codes)
    n_both, n_of_row = carries.T @ carries, carries.T @ coded
    both, of_row = (n_both, n_of_row) if weighed is None else _weighed(carries, coded, drawn, weighed)
    n_either, either = n_of_row + n_of_row.T - n_both, of_row + of_row.T - both
    return tuple(
        tuple(
            Pair(
                row,
                column,
                int(n_both[r, c]),
                int(n_of_row[r, c]),
                int(n_either[r, c]),
                float(both[r, c] / of_row[r, c]) if of_row[r, c] else None,
                float(both[r, c] / either[r, c]) if either[r, c] else None,
            )
            for c, column in enumerate(codes)
        )
        for r, row in enumerate(codes)
    )


def _weighed(carries: Floats, coded: Floats, drawn: Flags, weighed: Weighing) -> tuple[Floats, Floats]:
    """The sums of weights of posts with both codes, and with the row's of those coded on the column's.

    Two codes weigh posts by how many are `drawn` (posts, codes) on both of them.
    """
    draws, of = np.unique(drawn, axis=1, return_inverse=True)
    columns = [np.flatnonzero(of.reshape(-1) == draw) for draw in range(draws.shape[1])]
    both, of_row = np.zeros((2, of.size, of.size))
    for one, rows in enumerate(columns):
        for other, cols in enumerate(columns):
            weights = weighed.on(draws[:, one] & draws[:, other]).weights
            heavy = carries[:, rows] * weights[:, None]
            both[np.ix_(rows, cols)] = heavy.T @ carries[:, cols]
            of_row[np.ix_(rows, cols)] = heavy.T @ coded[:, cols]
    return both, of_row


def _columns(finals: Finals, codes: tuple[Pick, ...]) -> tuple[Floats, Floats, Flags]:
    """Whether posts carry each code, have a value on it, and are coded on it, each (posts, codes).

    The first two are floats, to multiply.
    """
    carries, bases = [], []
    for pick in codes:
        values, place = choices_of(finals, pick.variable), pick.variable.codes.index(pick.code)
        carries.append(values.chosen[:, place])
        bases.append(values.basis[:, place])
    basis = np.stack(bases, axis=1)
    return np.stack(carries, axis=1).astype(float), has_value(basis).astype(float), is_coded_on(basis)

"""Where annotators differ, and how much.

The agreement on a question is the share of the pairs of annotators who gave the same answer. Each code
that somebody gave in a multiple choice is such a question of yes or no, and their mean is the agreement on
the multiple choice. The agreement on a post is the mean over its questions. Questions that fewer than two
annotators answered say nothing. The entropy (in bits) of a question is that of its answers, of a multiple
choice the mean over the codes that somebody gave; that of a post is the highest of its questions.

If y of n annotators gave a code, y (n - y) of the n (n - 1) / 2 pairs differ on it; if an answer was given
by y annotators, y (y - 1) / 2 pairs agree on it. So sums of y and of its square suffice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement
from sqlmodel import Session

from server.adjudication.scope import Scope
from server.adjudication.tallies import Flags, Ints, Lens, Said, Seen, seen
from server.agreement.lists import distinct_rows
from server.codebooks.queries import VariableInfo

_Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A post on which annotators differ: how much they agree (0 to below 1), the questions they differ on.

    `entropy` is that of the question on which they differ most, in bits.
    """

    post_id: int
    agreement: float
    entropy: float
    variable_ids: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Measure:
    """One question of each post (n_posts): whether answers can be compared, how much they agree, or differ.

    The agreement is 0 where nothing can be compared, and so is the entropy.
    """

    is_comparable: Flags
    agreement: _Shares
    entropy: _Shares
    differs: Flags


def disputes(db: Session, scope: Scope, lens: Lens, *conditions: ColumnElement[bool]) -> tuple[Dispute, ...]:
    """The posts on which the annotators of a lens differ, lowest agreement first, then as imported.

    `conditions` of their assignments choose some of the posts.
    """
    return disputes_in(seen(db, scope, lens, *conditions), scope, lens) if _has_anything(scope, lens) else ()


def disputes_in(found: Seen, scope: Scope, lens: Lens) -> tuple[Dispute, ...]:
    """The same of answers that were read before, to the questions of the lens and perhaps to others."""
    if not _has_anything(scope, lens):
        return ()
    measures = [_measure(found, scope, lens, scope.variable_by_id[key]) for key in lens.variable_ids]
    return tuple(_disputes(found.posts, measures, lens.variable_ids))


def _has_anything(scope: Scope, lens: Lens) -> bool:
    if lens.code_id is not None and not scope.offering(lens.code_id, lens.round_ids):
        return False
    return bool(lens.round_ids and lens.variable_ids)


def _disputes(posts: Ints, of: list[_Measure], variable_ids: tuple[int, ...]) -> Iterator[Dispute]:
    differs = np.stack([each.differs for each in of], axis=1)
    n_comparable = np.sum([each.is_comparable for each in of], axis=0)
    rows = np.flatnonzero(differs.any(axis=1))
    agreement = np.round(np.sum([each.agreement[rows] for each in of], axis=0) / n_comparable[rows], 9)
    entropy = np.round(np.max([each.entropy[rows] for each in of], axis=0), 9)
    order = np.lexsort((posts[rows], agreement))
    # Many posts are in dispute on the same questions: each combination is named once.
    combinations, which = distinct_rows(differs[rows].astype(np.int64))
    named = [_named(flags, variable_ids) for flags in combinations.tolist()]
    columns = (posts[rows], agreement, entropy, which)
    for post_id, share, bits, combination in zip(
        *(column[order].tolist() for column in columns), strict=True
    ):
        yield Dispute(post_id, share, bits, named[combination])


def _named(flags: list[int], variable_ids: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(key for key, flag in zip(variable_ids, flags, strict=True) if flag)


def _measure(found: Seen, scope: Scope, lens: Lens, of: VariableInfo) -> _Measure:
    n_posts = len(found.posts)
    if of.kind == "multiple":
        chosen = found.chosen[of.id]
        counts, offered = chosen.counts(n_posts), chosen.offered(n_posts, scope.offers(of))
        looked_at = [place for place, code in enumerate(of.codes) if lens.code_id in (None, code.id)]
        return _of_codes(counts[:, looked_at], offered[:, looked_at])
    if lens.code_id is None:
        return _of_answers(found.said[of.id], n_posts)
    return _of_one_code(found.said[of.id], lens.code_id, n_posts)


def _of_one_code(said: Said, code_id: int, n_posts: int) -> _Measure:
    """A code of a single choice against the others."""
    given = np.array([value == code_id for value in said.values], dtype=np.bool_)[said.answer]
    counts, voices = (np.bincount(posts, minlength=n_posts) for posts in (said.post[given], said.post))
    return _of_codes(counts[:, None], voices[:, None])


def _of_answers(said: Said, n_posts: int) -> _Measure:
    """A question with one answer from each annotator."""
    tally = said.tally
    n = np.bincount(tally.post, tally.annotators, n_posts)
    agreeing = np.bincount(tally.post, tally.annotators**2, n_posts) - n
    n_answers = np.bincount(tally.post, minlength=n_posts)
    # H = log n - (1/n) sum of y log y.
    spread = np.bincount(tally.post, tally.annotators * np.log2(tally.annotators), n_posts)
    entropy = np.where(n > 1, np.log2(np.maximum(n, 1)) - _ratio(spread, n), 0.0)
    return _Measure(n > 1, _ratio(agreeing, n * (n - 1)), np.maximum(entropy, 0.0), n_answers > 1)


def _of_codes(y: Ints, n: Ints) -> _Measure:
    """Codes that are questions of their own (n_posts × n_codes): how many gave them, of how many."""
    is_comparable = n > 1
    pairs = np.where(is_comparable, y * (n - y), 0)
    n_given = (is_comparable & (y > 0)).sum(axis=1)
    lost = _ratio(2.0 * pairs, n * (n - 1)).sum(axis=1)
    comparable, differs = _any(is_comparable), _any(pairs > 0)
    entropy = np.where(is_comparable, _bits(_ratio(1.0 * y, n)), 0.0).sum(axis=1)
    return _Measure(comparable, comparable - _ratio(lost, n_given), _ratio(entropy, n_given), differs)


def _bits(share: _Shares) -> _Shares:
    """The entropy of a yes or no that this share gave."""
    inside = np.clip(share, 1e-12, 1 - 1e-12)
    found = -inside * np.log2(inside) - (1 - inside) * np.log2(1 - inside)
    return np.where((share > 0) & (share < 1), found, 0.0)


def _any(flags: Flags) -> Flags:
    return np.asarray(flags.any(axis=1))


def _ratio(of: NDArray[Any], to: NDArray[Any]) -> _Shares:
    """The quotients, 0 where there is nothing to divide by."""
    return np.asarray(np.divide(of, to, out=np.zeros(of.shape), where=to > 0))

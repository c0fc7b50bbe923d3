"""Where annotators differ, and how much: worked out by the database in one statement.

The agreement on a question is the share of the pairs of annotators who gave the same answer. Each code
that somebody gave in a multiple choice is such a question of yes or no, and their mean is the agreement on
the multiple choice. The agreement on a post is the mean over its questions. Questions that fewer than two
annotators answered say nothing.

If y of n annotators gave a code, y (n - y) of the n (n - 1) / 2 pairs differ on it; if an answer was given
by y annotators, y (y - 1) / 2 pairs agree on it. So sums of y and of its square suffice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select
from sqlmodel import Session

from server.adjudication.scope import Scope
from server.adjudication.tallies import Lens, Offer, multiples, offers, tallies

# Questions to a whole number that both databases hold exactly.
_BITS = 30
_Number = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A post on which annotators differ: how much they agree (0 to below 1), the questions they differ on."""

    post_id: int
    agreement: float
    variable_ids: tuple[int, ...]


@dataclass(frozen=True)
class _Measure:
    """What is known of one question of one post, as columns."""

    is_comparable: ColumnElement[bool]
    agreement: _Number
    differs: ColumnElement[bool]


def disputes(db: Session, scope: Scope, lens: Lens) -> tuple[Dispute, ...]:
    """The posts on which the annotators of a lens differ, lowest agreement first, then as imported."""
    if not _has_anything(scope, lens):
        return ()
    named = cache(partial(_in_masks, lens.variable_ids))
    found = [
        Dispute(post_id, round(float(agreement), 9), named(tuple(masks)))
        for post_id, agreement, *masks in db.connection().execute(_by_post(scope, lens))
    ]
    return tuple(sorted(found, key=lambda each: (each.agreement, each.post_id)))


def _has_anything(scope: Scope, lens: Lens) -> bool:
    if lens.code_id is not None and not scope.offering(lens.code_id, lens.round_ids):
        return False
    return bool(lens.round_ids and lens.variable_ids)


def _by_post(scope: Scope, lens: Lens) -> Select[*tuple[Any, ...]]:
    asked = _by_question(scope, lens)
    masks = [
        func.sum(case(*(((asked.c.disputed == key), 1 << bit) for bit, key in part), else_=0))
        for part in _parts(lens.variable_ids)
    ]
    return (
        select(asked.c.post_id, func.avg(asked.c.agreement), *masks)
        .group_by(asked.c.post_id)
        .having(func.count(asked.c.disputed) > 0)
    )


def _parts(variable_ids: tuple[int, ...]) -> list[list[tuple[int, int]]]:
    starts = range(0, len(variable_ids), _BITS)
    return [list(enumerate(variable_ids[start : start + _BITS])) for start in starts]


def _in_masks(variable_ids: tuple[int, ...], masks: Sequence[int]) -> tuple[int, ...]:
    parts = zip(_parts(variable_ids), masks, strict=True)
    return tuple(key for part, mask in parts for bit, key in part if int(mask) >> bit & 1)


def _by_question(scope: Scope, lens: Lens) -> Subquery:
    """Rows (post, variable, agreement, the variable again if they differ on it)."""
    of = offers(scope, lens)
    rows = tallies(scope, lens, of).subquery()
    measure = _of_kind(rows, scope, lens, of)
    question = rows.c.variable_id
    return (
        select(
            rows.c.post_id,
            question,
            measure.agreement.label("agreement"),
            case((measure.differs, question)).label("disputed"),
        )
        .group_by(rows.c.post_id, question)
        .having(measure.is_comparable)
        .subquery()
    )


def _of_kind(rows: Subquery, scope: Scope, lens: Lens, of: tuple[Offer, ...]) -> _Measure:
    annotators = func.sum(rows.c.y)
    if lens.code_id is None:
        single = _of_answers(rows, annotators)
    else:
        single = _of_codes(rows, [(annotators, (lens.code_id,))])
    if not of:
        return single
    voices = [func.sum(rows.c[f"n_{place}"]) for place in range(len(of))]
    several = _of_codes(rows, [(n, _looked_at(offer, lens)) for n, offer in zip(voices, of, strict=True)])
    is_multiple = rows.c.variable_id.in_([each.id for each in multiples(scope, lens)])
    return _Measure(
        or_(and_(is_multiple, several.is_comparable), and_(~is_multiple, single.is_comparable)),
        case((is_multiple, several.agreement), else_=single.agreement),
        or_(and_(is_multiple, several.differs), and_(~is_multiple, single.differs)),
    )


def _looked_at(offer: Offer, lens: Lens) -> tuple[int, ...]:
    if lens.code_id is None:
        return offer.code_ids
    return tuple(code_id for code_id in offer.code_ids if code_id == lens.code_id)


def _of_answers(rows: Subquery, n: _Number) -> _Measure:
    """A question with one answer from each of `n` annotators."""
    agreeing = func.sum(rows.c.y * rows.c.y) - n
    return _Measure(n > 1, 1.0 * agreeing / func.nullif(n * (n - 1), 0), func.count() > 1)


def _of_codes(rows: Subquery, codes_of: Sequence[tuple[_Number, tuple[int, ...]]]) -> _Measure:
    """Codes that are questions of their own, with how many annotators could give them."""
    parts = [(n, codes) for n, codes in codes_of if codes]
    differing = [_differing(rows, n, codes) for n, codes in parts]
    given = [case((n > 1, func.sum(_if_given(rows, codes, literal(1)))), else_=0) for n, codes in parts]
    lost = [
        case((n > 1, 2.0 * pairs / func.nullif(n * (n - 1), 0)), else_=0.0)
        for (n, _codes), pairs in zip(parts, differing, strict=True)
    ]
    return _Measure(
        or_(*(n > 1 for n, _codes in parts)),
        1.0 - func.coalesce(_total(lost) / func.nullif(_total(given), 0), 0.0),
        or_(*(and_(n > 1, pairs > 0) for (n, _codes), pairs in zip(parts, differing, strict=True))),
    )


def _differing(rows: Subquery, n: _Number, codes: tuple[int, ...]) -> _Number:
    """How many pairs of annotators differ, summed over the codes."""
    y = rows.c.y
    return n * func.sum(_if_given(rows, codes, y)) - func.sum(_if_given(rows, codes, y * y))


def _if_given(rows: Subquery, codes: tuple[int, ...], value: _Number) -> _Number:
    return case((rows.c.code_id.in_(codes), value), else_=0)


def _total(parts: Sequence[_Number]) -> _Number:
    return reduce(add, parts)

"""Reading codings: ids and chosen codes, and nothing that anybody wrote.

The rows travel, and the program groups them. Grouped in the database, by coding or by post, they would be
fewer, but both databases need longer to sort them than to hand them over, and where authors repeat nearly
every post is a group of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlmodel import Session, col

from server.agreement.lists import distinct_rows
from server.coding.models import Coding, CodingAnswer, SentBack
from server.corpora.models import Post
from server.reliability.answers import Ints
from server.reliability.queries import Question
from server.rounds.models import Assignment, Round
from server.rounds.queries import in_none_of

# Codes to a whole number.
BITS = 62
# The id of no code: what a multiple choice holds where nothing applies.
NOTHING = 0
# Rows held as Python objects at a time.
_AT_ONCE = 20_000
_Statement = Select[*tuple[Any, ...]]


@dataclass(frozen=True)
class Selection:
    """Whose codings of which rounds count; `members` is None for everybody's.

    Posts of the `swaying` rounds are left out: the reader still codes them there.
    """

    project_id: int
    rounds: tuple[int, ...]
    members: tuple[int, ...] | None = None
    swaying: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Codings:
    """Who (n) answered what (n × n_columns) about which post (n).

    An answer is a number, the id of a code, or the chosen codes as bits, `BITS` of them a column.
    """

    post: Ints
    member: Ints
    answer: NDArray[Any]

    def first_of_each_member(self) -> "Codings":
        """Of several codings of a post by one member the first, sorted by post and member."""
        key = self.post * (self.member.max(initial=0) + 1) + self.member
        first = np.unique(key, return_index=True)[1]
        return Codings(self.post[first], self.member[first], self.answer[first])


def codings(db: Session, question: Question, selection: Selection) -> Codings:
    """The codings that count, those of earlier rounds first."""
    parts, any_sent_back = [_nothing(question)], _is_any_sent_back(db, selection)
    # A statement a round: so the database reads the round from end to end, and sorts nothing.
    for round_id, revealed_at in _rounds(db, selection):
        statement = _of_round(question, selection, round_id, any_sent_back=any_sent_back)
        if revealed_at is not None:
            before = col(Coding.submitted_at) <= revealed_at
            statement = statement.join(Coding, col(Coding.id) == col(CodingAnswer.coding_id)).where(before)
        rows = np.concatenate([_nothing(question), *_arrays(db, statement, parts[0].dtype)])
        parts.append(_as_read(rows, question))
    table = np.concatenate([_whole_answers(part, question) for part in parts])
    return Codings(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:])


def codings_from(question: Question, rows: NDArray[Any]) -> Codings:
    """Codings that stand elsewhere, as rows (post, member, number or id of a code), read as these are."""
    table = _whole_answers(_as_read(rows, question), question)
    return Codings(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:])


def codings_from_flags(question: Question, post: Ints, member: Ints, chosen: NDArray[np.bool_]) -> Codings:
    """Codings that were read elsewhere: about which post (n), by whom (n), which codes (n × n_codes)."""
    if question.kind != "multiple":
        ids = np.array([code.id for code in question.codes], dtype=np.int64)
        return Codings(post, member, ids[chosen.argmax(axis=1)][:, None])
    answer = np.zeros((len(post), max(1, -(-chosen.shape[1] // BITS))), dtype=np.int64)
    for place, flags in enumerate(chosen.T):
        answer[:, place // BITS] |= flags.astype(np.int64) << place % BITS
    return Codings(post, member, answer)


def all_are_current(db: Session, selection: Selection) -> bool:
    """Whether every coding that counts is the current one of its assignment.

    Not where a post was sent back, or something was coded after its round was revealed.
    """
    late = (
        select(col(Assignment.id))
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .where(
            col(Round.id).in_(selection.rounds),
            ~col(Round.is_imported),
            col(Assignment.state) == "submitted",
            col(Assignment.changed_at) > col(Round.revealed_at),
        )
        .limit(1)
    )
    return not _is_any_sent_back(db, selection) and db.scalar(late) is None


def _nothing(question: Question) -> NDArray[Any]:
    return np.zeros((0, 3), dtype=np.float64 if question.kind == "number" else np.int64)


def _arrays(db: Session, statement: _Statement, kind: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    with closing(_rows(db, statement)) as rows:
        while some := rows.fetchmany(_AT_ONCE):
            yield np.fromiter(chain.from_iterable(some), dtype=kind, count=3 * len(some)).reshape(-1, 3)


def _rows(db: Session, statement: _Statement) -> DBAPICursor:
    """The driver's own cursor: numbers need no translation, and rows of SQLAlchemy's take as long again."""
    return db.connection().execute(statement).cursor


def _rounds(db: Session, selection: Selection) -> Sequence[Any]:
    """The rounds in their order, and since when codings come too late.

    Codings that came from a file have no reveal on this server.
    """
    revealed_at = case((~col(Round.is_imported), col(Round.revealed_at)))
    rows = select(col(Round.id), revealed_at).where(
        col(Round.project_id) == selection.project_id, col(Round.id).in_(selection.rounds)
    )
    return db.execute(rows.order_by(col(Round.number))).all()


def _is_any_sent_back(db: Session, selection: Selection) -> bool:
    return db.scalar(_sent_back.where(col(SentBack.project_id) == selection.project_id).limit(1)) is not None


_sent_back = select(col(SentBack.id))
# Of a coding that was sent back what was said before counts: a reviewer's note sways what is said after it.
_independent = (
    select(func.min(col(SentBack.coding_id)))
    .where(col(SentBack.assignment_id) == col(Assignment.id))
    .correlate(Assignment)
    .scalar_subquery()
)


def _of_round(question: Question, selection: Selection, round_id: int, *, any_sent_back: bool) -> _Statement:
    """Rows (post, member, number or id of a code), a row a chosen code."""
    is_coded: ColumnElement[bool] = col(Assignment.state) == "submitted"
    coding_id: Any = col(Assignment.coding_id)
    if any_sent_back:
        is_coded = or_(is_coded, _independent.is_not(None))
        coding_id = func.coalesce(_independent, coding_id)
    statement = (
        select(col(Assignment.post_id), col(Assignment.member_id), _answer(question))
        .select_from(Assignment)
        .join(CodingAnswer, col(CodingAnswer.coding_id) == coding_id)
        .where(
            col(Assignment.round_id) == round_id,
            is_coded,
            col(CodingAnswer.variable_id) == question.id,
            _says_something(question),
            in_none_of(selection.swaying, col(Assignment.post_id)),
        )
    )
    if selection.members is not None:
        statement = statement.where(col(Assignment.member_id).in_(selection.members))
    return statement


def _answer(question: Question) -> Any:
    if question.kind == "number":
        return col(CodingAnswer.number)
    return func.coalesce(col(CodingAnswer.code_id), NOTHING)


def _as_read(rows: NDArray[Any], question: Question) -> NDArray[Any]:
    """The rows with each code that was merged as the one it is read as."""
    for code in question.codes:
        if code.takes_up:
            rows[np.isin(rows[:, 2], code.takes_up), 2] = code.id
    return rows


def _whole_answers(rows: Ints, question: Question) -> NDArray[Any]:
    """The rows of one round with the whole answer of each member to each post in one row."""
    if question.kind != "multiple":
        return rows
    column, bit = _bits(question, rows[:, 2])
    codings, number = distinct_rows(rows[:, :2])
    chosen = np.zeros((len(codings), max(1, -(-len(question.codes) // BITS))), dtype=np.int64)
    np.bitwise_or.at(chosen, (number, column), bit)
    return np.concatenate([codings, chosen], axis=1)


def _bits(question: Question, code_ids: Ints) -> tuple[Ints, Ints]:
    """In which column each code is written (n), and as which bit (n); nothing and codes not asked as none."""
    ids = np.array([NOTHING, *(code.id for code in question.codes)], dtype=np.int64)
    order = np.argsort(ids)
    found = order[np.searchsorted(ids, code_ids, sorter=order).clip(max=len(ids) - 1)]
    place = np.where(ids[found] == code_ids, found, 0) - 1
    return place.clip(0) // BITS, np.where(place < 0, 0, 1 << place.clip(0) % BITS)


def _says_something(question: Question) -> ColumnElement[bool]:
    if question.kind == "number":
        return col(CodingAnswer.number).is_not(None)
    if question.kind == "multiple":
        return or_(col(CodingAnswer.code_id).is_not(None), col(CodingAnswer.nothing_applies))
    return col(CodingAnswer.code_id).in_([id_ for code in question.codes for id_ in code.ids])


def places_of(question: Question, code_ids: Ints) -> Ints:
    """The place of each code among the codes of the question."""
    ids = np.array([code.id for code in question.codes], dtype=np.int64)
    order = np.argsort(ids)
    return np.asarray(order[np.searchsorted(ids, code_ids, sorter=order)], dtype=np.int64)


def category_of(question: Question, found: Codings, code_key: str) -> Ints:
    """The place of each answer (n): of its code, or of no and yes to the code of a multiple choice."""
    if question.kind != "multiple":
        return places_of(question, found.answer[:, 0])
    place = [code.key for code in question.codes].index(code_key)
    return np.asarray(found.answer[:, place // BITS] >> (place % BITS) & 1, dtype=np.int64)


def authors(db: Session, selection: Selection) -> tuple[Ints, Ints]:
    """The posts of the project that have an author, and a number for the author of each.

    Numbers follow those of the posts: a seed draws the same authors on every database.
    """
    statement = (
        select(col(Post.id), col(Post.author))
        .where(col(Post.project_id) == selection.project_id, col(Post.author) != "")
        .order_by(col(Post.number))
    )
    numbers: dict[str, int] = {}
    with closing(_rows(db, statement)) as rows:
        found = [(post_id, numbers.setdefault(author, len(numbers))) for post_id, author in rows.fetchall()]
    table = np.array(found, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]

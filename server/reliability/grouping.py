"""From stored codings to patterns, in one statement: the database groups, and no post travels.

The annotators of a post are numbered by their ids, a post becomes one row with a member and an answer for
each of them, and equal rows are counted. A coding counts if it is the current one of a submitted
assignment and was made before its round was revealed; of an annotator who coded a post in several of the
chosen rounds, the first of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    cast,
    distinct,
    func,
    literal,
    or_,
    select,
)
from sqlmodel import Session, col

from server.codebooks.queries import CodeInfo
from server.coding.models import Coding, CodingAnswer
from server.corpora.models import Post
from server.reliability.answers import NOBODY, AnswerPatterns, Bools, Ints
from server.reliability.queries import Question
from server.rounds.models import Assignment, Round
from server.rounds.queries import in_none_of

# Codes to a whole number that both databases hold exactly.
_BITS = 62
_Floats = NDArray[np.float64]


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
class Answered:
    """The grouped answers to one question, and what their categories are.

    `contents` (n_categories × n_codes): the codes in each category; `values`: the number of each category
    of a number variable. `n_repeats`: codings left out because their annotator had coded the post before.
    """

    patterns: AnswerPatterns
    contents: Bools
    values: tuple[float, ...]
    n_repeats: int


def answered(db: Session, question: Question, selection: Selection) -> Answered:
    """How the posts of a selection were answered on one question (not free text)."""
    width = max(_most_codings(db, selection), 1)
    columns = _answer_columns(question)
    answers = _answers(question, selection, columns)
    n_repeats = _repeats(db, answers) if len(selection.rounds) > 1 else 0
    rows = db.execute(_grouped(answers, width, len(columns))).all()
    return _read(rows, question, width, len(columns), n_repeats)


def _counts(selection: Selection) -> ColumnElement[bool]:
    """Which assignments are looked at."""
    wanted = and_(
        col(Assignment.round_id).in_(selection.rounds),
        col(Assignment.state) == "submitted",
        in_none_of(selection.swaying, col(Assignment.post_id)),
    )
    if selection.members is None:
        return wanted
    return and_(wanted, col(Assignment.member_id).in_(selection.members))


def _most_codings(db: Session, selection: Selection) -> int:
    """How many annotators coded the post that most did."""
    n_codings = func.count(distinct(col(Assignment.member_id))).label("n")
    by_post = select(n_codings).where(_counts(selection)).group_by(col(Assignment.post_id)).subquery()
    return db.scalar(select(func.max(by_post.c.n))) or 0


def _answer_columns(question: Question) -> list[ColumnElement[Any]]:
    """What says a whole answer: a number, a code, or the chosen codes as bits, `_BITS` of them a column."""
    if question.kind == "number":
        return [func.max(col(CodingAnswer.number))]
    if question.kind != "multiple":
        return [func.max(col(CodingAnswer.code_id))]
    firsts = range(0, max(len(question.codes), 1), _BITS)
    return [_bits(question.codes[first : first + _BITS]) for first in firsts]


def _bits(codes: Sequence[CodeInfo]) -> ColumnElement[int]:
    if not codes:
        return func.max(literal(0, BigInteger))
    bit_of = {code.id: literal(1 << place, BigInteger) for place, code in enumerate(codes)}
    bit = case(bit_of, value=col(CodingAnswer.code_id), else_=literal(0, BigInteger))
    return cast(func.sum(bit), BigInteger)


def _answers(question: Question, selection: Selection, columns: list[ColumnElement[Any]]) -> Subquery:
    """One row a coding: post, member, the answer, and the how-manieth of this member on this post it is."""
    named = [column.label(f"answer_{place}") for place, column in enumerate(columns)]
    turn = func.row_number().over(
        partition_by=(col(Assignment.post_id), col(Assignment.member_id)), order_by=col(Round.number)
    )
    statement = (
        select(col(Assignment.post_id), col(Assignment.member_id), *named)
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .join(Coding, col(Coding.id) == col(Assignment.coding_id))
        .join(CodingAnswer, col(CodingAnswer.coding_id) == col(Coding.id))
        .where(
            col(Round.project_id) == selection.project_id,
            _counts(selection),
            _before_reveal(),
            col(CodingAnswer.variable_id) == question.id,
            _says_something(question),
        )
        .group_by(col(Assignment.id), col(Round.number))
    )
    # With one round there can be no second turn, and sorting for it would cost a third of the time.
    return statement.add_columns((turn if len(selection.rounds) > 1 else literal(1)).label("turn")).subquery()


def _before_reveal() -> ColumnElement[bool]:
    """Codings that came from a file have no reveal on this server."""
    return or_(
        col(Round.is_imported),
        col(Round.revealed_at).is_(None),
        col(Coding.submitted_at) <= col(Round.revealed_at),
    )


def _says_something(question: Question) -> ColumnElement[bool]:
    if question.kind == "number":
        return col(CodingAnswer.number).is_not(None)
    if question.kind == "multiple":
        return or_(col(CodingAnswer.code_id).is_not(None), col(CodingAnswer.nothing_applies))
    return col(CodingAnswer.code_id).in_([code.id for code in question.codes])


def _repeats(db: Session, answers: Subquery) -> int:
    return db.scalar(select(func.count()).select_from(answers).where(answers.c.turn > 1)) or 0


def _grouped(answers: Subquery, width: int, n_columns: int) -> Select[Any]:
    """Equal posts counted: cluster, number of posts, and what `_posts` gives."""
    posts = _posts(answers, width, n_columns)
    seats = [column for column in posts.c if column.name != "post_id"]
    # Window functions and not a join with the counted authors: PostgreSQL joins freshly imported posts,
    # of which it has no statistics yet, row by row.
    whose = (
        select(_cluster().label("cluster"), *seats)
        .select_from(posts)
        .join(Post, col(Post.id) == posts.c.post_id)
        .subquery()
    )
    alike = list(whose.c)
    return select(func.count(), *alike).group_by(*alike)


def _cluster() -> ColumnElement[int]:
    """An author of several of these posts is known by the first of them; `NOBODY` for all others."""
    author = col(Post.author)
    repeats = func.count().over(partition_by=author) > 1
    return case((and_(author != "", repeats), func.min(col(Post.id)).over(partition_by=author)), else_=NOBODY)


def _posts(answers: Subquery, width: int, n_columns: int) -> Subquery:
    """One row a post: the member and the answer in each seat, in the order of the members."""
    seat = func.row_number().over(partition_by=answers.c.post_id, order_by=answers.c.member_id)
    seated = select(answers, seat.label("seat")).where(answers.c.turn == 1).subquery()
    names = ["member_id", *(f"answer_{place}" for place in range(n_columns))]
    seats = [
        func.coalesce(func.max(case((seated.c.seat == number, seated.c[name]))), NOBODY).label(
            f"{name}_{number}"
        )
        for name in names
        for number in range(1, width + 1)
    ]
    return select(seated.c.post_id, *seats).group_by(seated.c.post_id).subquery()


def _read(rows: Sequence[Any], question: Question, width: int, n_columns: int, n_repeats: int) -> Answered:
    # A number may have a fraction; bits need all 64.
    kind = np.float64 if question.kind == "number" else np.int64
    shape = (len(rows), 2 + width * (1 + n_columns))
    table = np.array([tuple(row) for row in rows], dtype=kind).reshape(shape)
    whole = table[:, : 2 + width].astype(np.int64)
    given = table[:, 2 + width :].reshape(len(rows), n_columns, width)
    categories, contents, values = _categories(question, given, whole[:, 2:] != NOBODY)
    patterns = AnswerPatterns(whole[:, 2:], categories, frequency=whole[:, 0], cluster=whole[:, 1])
    return Answered(patterns, contents, values, n_repeats)


def _categories(
    question: Question, given: NDArray[Any], seated: Bools
) -> tuple[Ints, Bools, tuple[float, ...]]:
    """The category (from 0) of each answer, the codes in each category, and the numbers."""
    categories = np.full(seated.shape, NOBODY, dtype=np.int64)
    distinct_answers, number = _distinct(question, given, seated)
    categories[seated] = number
    if question.kind == "number":
        values = tuple(float(value) for value in distinct_answers[:, 0])
        return categories, np.zeros((len(values), 0), dtype=np.bool_), values
    if question.kind != "multiple":
        return categories, np.eye(len(question.codes), dtype=np.bool_), ()
    places = np.arange(len(question.codes))
    contents = distinct_answers[:, places // _BITS] >> (places % _BITS) & 1
    return categories, contents.astype(np.bool_), ()


def _distinct(question: Question, given: NDArray[Any], seated: Bools) -> tuple[NDArray[Any], Ints]:
    """The different answers (n × n_columns), and which of them each annotator gave."""
    answers = given.transpose(0, 2, 1)[seated]
    if question.kind in {"multiple", "number"}:
        found, number = np.unique(answers, axis=0, return_inverse=True)
        return found, number.reshape(-1)
    ids = np.array([code.id for code in question.codes], dtype=np.int64)
    order = np.argsort(ids)
    return ids[:, None], order[np.searchsorted(ids, answers[:, 0], sorter=order)]

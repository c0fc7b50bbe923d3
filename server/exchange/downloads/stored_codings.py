"""Current codings as a reader may take them along, read some thousand posts at a time.

Rows come from the driver as they are, and what is said of codes, rounds and annotators is looked up here:
joined by the database, and carried through SQLAlchemy, the same takes several times as long.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, col

from server.adjudication.tallies import raw_rows
from server.coding.models import Coding, CodingAnswer, CodingSpan
from server.corpora.models import Post
from server.corpora.queries import n_posts
from server.db.tables import UtcDateTime
from server.projects.access import Access
from server.rounds.models import Assignment
from server.rounds.queries import Sight, in_none_of, swaying

_POSTS_AT_ONCE = 5_000
# The passages marked for codes, by question and code.
_Passages = Mapping[tuple[int, int | None], str]
_NONE: _Passages = {}


class Answer(NamedTuple):
    """One answer: a code, "nothing applies", a number or a text."""

    variable_id: int
    code_id: int | None
    number: float | None
    text: str | None
    nothing_applies: bool


class Coded(NamedTuple):
    """One coding with its answers, and the passages marked for them by question and code.

    There are no answers where all questions were left open.
    """

    post_id: str
    post_number: int
    member_id: int
    round_id: int
    is_extra: int
    version_id: int
    submitted_at: datetime
    is_unsure: int
    memo: str
    reason: str
    answers: Sequence[Answer]
    passages: _Passages


@dataclass(frozen=True)
class _Reading:
    """One reading of the database: what is asked of it, and how its moments are told."""

    db: Session
    statement: Select[*tuple[Any, ...]]
    spans: Select[*tuple[Any, ...]] | None
    moment: Callable[[Any], Any]


def stored_codings(db: Session, access: Access, sights: Sequence[Sight]) -> Iterator[Coded]:
    """Every current coding the reader may see, by post, round and annotator.

    Posts that the reader still codes in another round are left out, since they can still be swayed there.
    """
    reading = _Reading(db, _statement(seen_codings(access, sights)), _spans(db, access), _moments(db))
    for first in range(1, n_posts(db, access) + 1, _POSTS_AT_ONCE):
        yield from _between(reading, first, first + _POSTS_AT_ONCE - 1)


def codings_after(
    db: Session, access: Access, wanted: Sequence[ColumnElement[bool]], after: int, limit: int
) -> list[Coded]:
    """The codings that are `wanted`, of the next `limit` posts that have any; `after` is a post's number."""
    statement = _statement(wanted)
    numbers = statement.with_only_columns(col(Post.number)).where(col(Post.number) > after)
    found = db.scalars(numbers.distinct().order_by(None).order_by(col(Post.number)).limit(limit)).all()
    if not found:
        return []
    reading = _Reading(db, statement, _spans(db, access), _moments(db))
    return list(_between(reading, found[0], found[-1]))


def seen_codings(access: Access, sights: Sequence[Sight]) -> tuple[ColumnElement[bool], ...]:
    """Which codings this reader may see of everybody."""
    round_ids = [sight.round_id for sight in sights if not sight.why_no_codings]
    return (
        col(Post.project_id) == access.project_id,
        col(Assignment.round_id).in_(round_ids),
        col(Assignment.state) == "submitted",
        in_none_of(swaying(sights), col(Assignment.post_id)),
    )


def own_codings(access: Access) -> tuple[ColumnElement[bool], ...]:
    """Which codings are the reader's own."""
    return (
        col(Post.project_id) == access.project_id,
        col(Assignment.member_id) == access.member_id,
        col(Assignment.state) == "submitted",
    )


def of_rounds(round_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    """Which codings are of these rounds."""
    return (col(Assignment.round_id).in_(round_ids),)


def _between(reading: _Reading, first: int, last: int) -> Iterator[Coded]:
    within = col(Post.number).between(first, last)
    passages = _passages(reading, within)
    with closing(raw_rows(reading.db, reading.statement.where(within))) as cursor:
        rows = cursor.fetchall()
    for coding_id, rows_of in groupby(rows, itemgetter(0)):
        head, *_others = of_coding = tuple(rows_of)
        answers = [Answer._make(row[11:]) for row in of_coding if row[11] is not None]
        said = (reading.moment(head[7]), *head[8:11], answers, passages.get(coding_id, _NONE))
        yield Coded._make((*head[1:7], *said))


def _moments(db: Session) -> Callable[[Any], Any]:
    """From what the driver gives for a moment to that moment."""
    dialect = db.get_bind().dialect
    read = UtcDateTime().dialect_impl(dialect).result_processor(dialect, None)
    return read or (lambda moment: moment)


def _statement(wanted: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    columns = (
        col(Coding.id),
        col(Post.external_id),
        col(Post.number),
        col(Assignment.member_id),
        col(Assignment.round_id),
        col(Assignment.is_extra),
        col(Coding.version_id),
        col(Coding.submitted_at),
        col(Coding.is_unsure),
        col(Coding.memo),
        col(Coding.reason),
        col(CodingAnswer.variable_id),
        col(CodingAnswer.code_id),
        col(CodingAnswer.number),
        col(CodingAnswer.text),
        col(CodingAnswer.nothing_applies),
    )
    statement: Select[*tuple[Any, ...]] = select(*columns)
    return (
        statement.select_from(Post)
        .join(Assignment, col(Assignment.post_id) == col(Post.id))
        .join(Coding, col(Coding.id) == col(Assignment.coding_id))
        .outerjoin(CodingAnswer, col(CodingAnswer.coding_id) == col(Coding.id))
        .where(*wanted)
        # Rounds and members are numbered in the order of their ids.
        .order_by(col(Post.number), col(Assignment.round_id), col(Assignment.member_id), col(CodingAnswer.id))
    )


def _spans(db: Session, access: Access) -> Select[*tuple[Any, ...]] | None:
    """The passages marked in codings of the project; None where nobody marks any."""
    if db.scalar(select(col(CodingSpan.id)).limit(1)) is None:
        return None
    marks = (col(CodingSpan.variable_id), col(CodingSpan.code_id), col(CodingSpan.start), col(CodingSpan.end))
    statement: Select[*tuple[Any, ...]] = select(col(CodingSpan.coding_id), *marks)
    return (
        statement.select_from(Post)
        .join(Assignment, col(Assignment.post_id) == col(Post.id))
        .join(CodingSpan, col(CodingSpan.coding_id) == col(Assignment.coding_id))
        .where(col(Post.project_id) == access.project_id)
        .order_by(col(CodingSpan.start), col(CodingSpan.end))
    )


def _passages(reading: _Reading, within: Any) -> Mapping[int, _Passages]:
    """The marked passages by coding."""
    if reading.spans is None:
        return {}
    found: defaultdict[int, dict[tuple[int, int | None], str]] = defaultdict(dict)
    with closing(raw_rows(reading.db, reading.spans.where(within))) as rows:
        for coding_id, variable_id, code_id, start, end in rows.fetchall():
            before = found[coding_id].get((variable_id, code_id))
            passage = f"{start}-{end}"
            found[coding_id][variable_id, code_id] = passage if before is None else f"{before} {passage}"
    return found

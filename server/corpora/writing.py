"""Posts on their way into the database: plain rows, many in a statement."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain, islice
from json import dumps
from typing import Any, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy import Table as SqlTable

from server.corpora.mapping import PostDraft
from server.corpora.models import Post
from server.corpora.planning import as_json, fields_as_json, hash_of

# What differs from post to post, in the order of a row; project, batch and number go by themselves.
COLUMNS = (
    "external_id",
    "text",
    "author",
    "posted_at",
    "posted_at_text",
    "link",
    "thread_key",
    "parent_key",
    "extra",
    "content_hash",
    "sampling_fraction",
)
PostRow = tuple[Any, ...]

_post = cast(SqlTable, Post.__table__)  # type: ignore[attr-defined]
_IN_A_STATEMENT = 500
_MOST_REMEMBERED = 20_000
_ESCAPES = (
    ("\\", "\\\\"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("\t", "\\t"),
    ("\0t", "\t"),
    ("\0n", "\n"),
    ("\0N", "\\N"),
)


@dataclass(frozen=True)
class Place:
    """Where posts go: their project, their import, and the number of the first."""

    project_id: int
    batch_id: int
    first: int


def _as_it_is(moment: datetime) -> datetime:
    return moment


class _Remembered(dict[Any, tuple[Any, str]]):
    """What was made of values that come up again and again."""

    def __init__(self, make: Callable[[Any], tuple[Any, str]]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> tuple[Any, str]:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[value] = made = self._make(value)
        return made


def post_rows(dialect: Dialect, drafts: Iterable[PostDraft]) -> Iterator[PostRow]:
    """The rows of posts as this database takes them."""
    kind: Any = _post.c.posted_at.type.dialect_impl(dialect)
    stored = kind.bind_processor(dialect) or _as_it_is
    moments = _Remembered(lambda moment: (stored(moment), as_json(moment.isoformat())))
    extras = _Remembered(lambda fields: (dumps(dict(fields)), fields_as_json(fields)))
    for draft in drafts:
        _row, external_id, text, author, moment, written, link, thread, parent, extra, fraction = draft
        posted_at, date = moments[moment] if moment else (None, as_json(written))
        fields, sorted_fields = extras[tuple(extra.items())]
        content_hash = hash_of(draft, date, sorted_fields)
        yield (
            external_id,
            text,
            author,
            posted_at,
            written,
            link,
            thread,
            parent,
            fields,
            content_hash,
            fraction,
        )


def insert_rows(connection: Connection, place: Place, rows: Iterable[PostRow]) -> int:
    """Put rows into the table of posts, the fastest way that the database knows; gives their number."""
    if connection.dialect.name == "sqlite":
        return _insert(connection, place, rows)
    return _copy(connection, place, rows)


def _insert(connection: Connection, place: Place, rows: Iterable[PostRow]) -> int:
    source, count = iter(rows), 0
    while some := list(islice(source, _IN_A_STATEMENT)):
        values = (place.project_id, place.batch_id, place.first + count, *chain.from_iterable(some))
        connection.exec_driver_sql(_insertion(len(some)), values)
        count += len(some)
    return count


@cache
def _insertion(n_rows: int) -> str:
    marks = ", ?" * len(COLUMNS)
    # The numbered parameters are given once for all rows.
    values = ", ".join(f"(?1, ?2, ?3 + {row}{marks})" for row in range(n_rows))
    names = ", ".join(COLUMNS)
    return f"INSERT INTO post (project_id, import_batch_id, number, {names}) VALUES {values}"  # noqa: S608


def _copy(connection: Connection, place: Place, rows: Iterable[PostRow]) -> int:
    names = ", ".join(COLUMNS)
    statement = f"COPY post (project_id, import_batch_id, number, {names}) FROM STDIN"
    source, count = iter(rows), 0
    cursor: Any = connection.connection.cursor()
    with closing(cursor), cursor.copy(statement) as copy:
        while some := list(islice(source, _IN_A_STATEMENT)):
            copy.write(_copied(place, place.first + count, some))
            count += len(some)
    return count


def _copied(place: Place, first: int, rows: Sequence[PostRow]) -> str:
    """Rows in the text format of `COPY`, escaped all at once: no post has a NUL, which marks what is ours."""
    start = f"{place.project_id}\0t{place.batch_id}\0t"
    lines = [
        f"{start}{number}\0t" + "\0t".join(["\0N" if cell is None else str(cell) for cell in row]) + "\0n"
        for number, row in enumerate(rows, first)
    ]
    text = "".join(lines)
    n_empty = sum(row.count(None) for row in rows)
    if text.count("\0") != len(rows) * (len(COLUMNS) + 3) + n_empty:
        raise ValueError("a text with a NUL cannot be stored")
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return text

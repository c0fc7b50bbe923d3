"""Posts on their way into the database: by columns, and many in a statement."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from json import dumps
from typing import Any, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy import Table as SqlTable

from server.corpora.contents import Contents
from server.corpora.mapping import PostDraft
from server.corpora.models import Post
from server.corpora.remembered import Remembered

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
PostColumns = tuple[Sequence[Any], ...]
# The values of several posts, one after the other.
Rows = list[Any]

_post = cast(SqlTable, Post.__table__)  # type: ignore[attr-defined]
# So few that they are gone before Python looks for garbage among them.
_IN_A_BLOCK = 200
# SQLite takes at most 32,766 values in a statement.
_IN_A_STATEMENT = 2_000
_LINE_END = "\0n"
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


def post_columns(dialect: Dialect, drafts: Iterable[PostDraft]) -> Iterator[PostColumns]:
    """Posts as this database takes them, some hundred at a time."""
    kind: Any = _post.c.posted_at.type.dialect_impl(dialect)
    moments = Remembered(kind.bind_processor(dialect) or str)
    fields = Remembered(lambda items: dumps(dict(items)))
    contents, source = Contents(), iter(drafts)
    # By columns: a call of Python for each of a million posts is what costs.
    while some := list(islice(source, _IN_A_BLOCK)):
        _rows, ids, texts, authors, posted, written, links, threads, parents, extra, fractions = zip(
            *some, strict=True
        )
        posted_at = [moment and moments[moment] for moment in posted]
        extras = [fields[tuple(each.items())] for each in extra]
        hashes = contents.hashes(some)
        yield (ids, texts, authors, posted_at, written, links, threads, parents, extras, hashes, fractions)


def insert_posts(connection: Connection, place: Place, blocks: Iterable[PostColumns]) -> int:
    """Put posts into their table, the fastest way that the database knows; gives their number."""
    if connection.dialect.name == "sqlite":
        return insert_rows(connection, place, rows_of(blocks))
    return _copy(connection, place, blocks)


def rows_of(blocks: Iterable[PostColumns]) -> Iterator[Rows]:
    """The same for SQLite, as many at a time as go into a statement."""
    values: list[Any] = []
    for block in blocks:
        values += chain.from_iterable(zip(*block, strict=True))
        if len(values) >= _IN_A_STATEMENT * len(COLUMNS):
            yield values
            values = []
    if values:
        yield values


def together(rows: Iterable[Rows], at_once: int) -> Iterator[list[Rows]]:
    """The values of several statements that go into one transaction, of about so many posts."""
    some: list[Rows] = []
    for values in rows:
        some.append(values)
        if sum(map(len, some)) >= at_once * len(COLUMNS):
            yield some
            some = []
    if some:
        yield some


def insert_rows(connection: Connection, place: Place, statements: Iterable[Rows]) -> int:
    """Put rows into the table of posts of SQLite; gives their number."""
    count = 0
    for values in statements:
        n_rows = len(values) // len(COLUMNS)
        numbered = (place.project_id, place.batch_id, place.first + count, *values)
        connection.exec_driver_sql(_insertion(n_rows), numbered)
        count += n_rows
    return count


@cache
def _insertion(n_rows: int) -> str:
    marks = ", ?" * len(COLUMNS)
    # The numbered parameters are given once for all rows.
    values = ", ".join(f"(?1, ?2, ?3 + {row}{marks})" for row in range(n_rows))
    names = ", ".join(COLUMNS)
    return f"INSERT INTO post (project_id, import_batch_id, number, {names}) VALUES {values}"  # noqa: S608


def _copy(connection: Connection, place: Place, blocks: Iterable[PostColumns]) -> int:
    names = ", ".join(COLUMNS)
    statement = f"COPY post (project_id, import_batch_id, number, {names}) FROM STDIN"
    count = 0
    cursor: Any = connection.connection.cursor()
    with closing(cursor), cursor.copy(statement) as copy:
        for block in blocks:
            copy.write(_copied(place, place.first + count, block))
            count += len(block[0])
    return count


def _copied(place: Place, first: int, block: PostColumns) -> str:
    """Posts in the text format of `COPY`, escaped at once: no post has a NUL, which marks what is ours."""
    n_rows, n_empty = len(block[0]), sum(column.count(None) for column in block)
    numbers = map(str, range(first, first + n_rows))
    lines = map("\0t".join, zip(numbers, *map(_written, block), strict=True))
    start = f"{place.project_id}\0t{place.batch_id}\0t"
    text = f"{start}{f'{_LINE_END}{start}'.join(lines)}{_LINE_END}"
    if text.count("\0") != n_rows * (len(COLUMNS) + 3) + n_empty:
        raise ValueError("a text with a NUL cannot be stored")
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return text


def _written(column: Sequence[Any]) -> Sequence[str]:
    if set(map(type, column)) == {str}:
        return column
    return ["\0N" if cell is None else str(cell) for cell in column]

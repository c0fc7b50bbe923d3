"""Posts on their way into the database: by columns, and many in a statement."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, compress, islice
from json import dumps
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Dialect

from server.corpora.contents import Contents
from server.corpora.mapping import PostDraft
from server.corpora.models import Post
from server.corpora.remembered import Remembered
from server.db.tables import sql_table
from server.deferred import pooled

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

_post = sql_table(Post)
# So few that they are gone before Python looks for garbage among them.
_IN_A_BLOCK = 200
# SQLite takes at most 32,766 values in a statement.
_BLOCKS_IN_A_STATEMENT = 10
_BETWEEN = "\0"
_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_NULL = "\\N"
# Columns that are written here, so that there is nothing in them to escape.
_PLAIN = frozenset({"posted_at", "content_hash"})
# Rows in a statement for PostgreSQL: many enough that a statement costs nothing, few enough that what they
# refer to is looked up while they are in its memory.
_COPIED_AT_ONCE = 5_000


@dataclass(frozen=True)
class Rows:
    """Posts that go into SQLite's table in one statement.

    What is the same for all of them stands in `shared`, in the order of `shared_names`; the rest follows post
    by post in `values`. Most files leave some columns empty, and each value that is handed over costs.
    """

    n_rows: int
    shared_names: tuple[str, ...]
    shared: tuple[Any, ...]
    values: list[Any]


@dataclass(frozen=True)
class Copied:
    """Posts in the text format of PostgreSQL's `COPY`."""

    n_rows: int
    content: bytes


@dataclass(frozen=True)
class Place:
    """Where posts go: their project, their import, and the number of the first."""

    project_id: int
    batch_id: int
    first: int


def post_columns(dialect: Dialect, drafts: Iterable[PostDraft]) -> Iterator[PostColumns]:
    """Posts as this database takes them, some hundred at a time."""
    kind: Any = _post.c.posted_at.type.dialect_impl(dialect)
    converted = kind.bind_processor(dialect) or str
    moments = Remembered(lambda moment: str(converted(moment)))
    fields = Remembered(lambda items: dumps(dict(items)))
    contents, source = Contents(), iter(drafts)
    # By columns: a call of Python for each of a million posts is what costs.
    while some := list(islice(source, _IN_A_BLOCK)):
        _rows, ids, texts, authors, posted, written, links, threads, parents, extra, fractions = zip(
            *some, strict=True
        )
        posted_at = [moment and moments[moment] for moment in posted]
        extras = fields.of_each(extra)
        hashes = contents.hashes(some)
        yield (ids, texts, authors, posted_at, written, links, threads, parents, extras, hashes, fractions)


def insert_posts(connection: Connection, place: Place, blocks: Iterable[PostColumns]) -> int:
    """Put posts into their table, the fastest way that the database knows; gives their number."""
    if connection.dialect.name == "sqlite":
        return insert_rows(connection, place, rows_of(blocks))
    return copy_posts(connection, copied(place, blocks))


def rows_of(blocks: Iterable[PostColumns]) -> Iterator[Rows]:
    """The same for SQLite, as many at a time as go into a statement."""
    source = iter(blocks)
    while some := list(islice(source, _BLOCKS_IN_A_STATEMENT)):
        yield _in_one_statement(some)


def _in_one_statement(blocks: Sequence[PostColumns]) -> Rows:
    firsts = [column[0] for column in blocks[0]]
    is_shared = [
        all(block[place].count(first) == len(block[place]) for block in blocks)
        for place, first in enumerate(firsts)
    ]
    values: list[Any] = []
    for block in blocks:
        varied = [column for column, shared in zip(block, is_shared, strict=True) if not shared]
        values += chain.from_iterable(zip(*varied, strict=True))
    n_rows = sum(len(block[0]) for block in blocks)
    return Rows(n_rows, tuple(compress(COLUMNS, is_shared)), tuple(compress(firsts, is_shared)), values)


def together(rows: Iterable[Rows], at_once: int) -> Iterator[list[Rows]]:
    """Several statements that go into one transaction, of about so many posts."""
    some: list[Rows] = []
    for statement in rows:
        some.append(statement)
        if sum(each.n_rows for each in some) >= at_once:
            yield some
            some = []
    if some:
        yield some


def insert_rows(connection: Connection, place: Place, statements: Iterable[Rows]) -> int:
    """Put rows into the table of posts of SQLite; gives their number."""
    count = 0
    for rows in statements:
        _insert(connection, replace(place, first=place.first + count), rows)
        count += rows.n_rows
    return count


def insert_some(connection: Connection, place: Place, statements: Sequence[Rows], seconds: float) -> int:
    """Put rows into the table of posts of SQLite until so many seconds are over.

    Gives how many of the statements were carried out, at least one.
    """
    end, first = monotonic() + seconds, place.first
    for n_done, rows in enumerate(statements):
        if n_done and monotonic() > end:
            return n_done
        _insert(connection, replace(place, first=first), rows)
        first += rows.n_rows
    return len(statements)


def _insert(connection: Connection, place: Place, rows: Rows) -> None:
    values = (place.project_id, place.batch_id, place.first, *rows.shared, *rows.values)
    connection.exec_driver_sql(_insertion(rows.n_rows, rows.shared_names), values)


@lru_cache(maxsize=16)
def _insertion(n_rows: int, shared: tuple[str, ...]) -> str:
    varied = [name for name in COLUMNS if name not in shared]
    # The numbered parameters are given once for all rows; the others count on from the last of them.
    once = "".join(f", ?{place}" for place in range(4, 4 + len(shared)))
    marks = once + ", ?" * len(varied)
    values = ", ".join(f"(?1, ?2, ?3 + {row}{marks})" for row in range(n_rows))
    names = ", ".join(("project_id", "import_batch_id", "number", *shared, *varied))
    return f"INSERT INTO post ({names}) VALUES {values}"  # noqa: S608


def copied(place: Place, blocks: Iterable[PostColumns]) -> Iterator[Copied]:
    """The same for PostgreSQL, some hundred at a time."""
    count = 0
    for block in blocks:
        yield _copied(place, place.first + count, block)
        count += len(block[0])


def copy_posts(connection: Connection, rows: Iterable[Copied]) -> int:
    """Put rows into the table of posts of PostgreSQL; gives their number.

    After each statement the server looks up what its rows refer to, while the next ones are made here.
    """
    names = ", ".join(COLUMNS)
    statement = f"COPY post (project_id, import_batch_id, number, {names}) FROM STDIN"
    count, source = 0, iter(rows)
    pooled.wire_of(connection).send()  # What was to go along with a statement: these rows are none.
    cursor: Any = connection.connection.cursor()
    with closing(cursor):
        for first in source:
            with cursor.copy(statement) as copy:
                for some in _about(_COPIED_AT_ONCE, chain((first,), source)):
                    copy.write(some.content)
                    count += some.n_rows
    return count


def _about(n_rows: int, rows: Iterable[Copied]) -> Iterator[Copied]:
    """The first of these, until there are so many rows."""
    count = 0
    for some in rows:
        yield some
        count += some.n_rows
        if count >= n_rows:
            return


def _copied(place: Place, first: int, block: PostColumns) -> Copied:
    """Posts in the text format of `COPY`."""
    n_rows = len(block[0])
    numbers = map(str, range(first, first + n_rows))
    lines = map("\t".join, zip(numbers, *map(_written, COLUMNS, block), strict=True))
    start = f"{place.project_id}\t{place.batch_id}\t"
    return Copied(n_rows, (start + f"\n{start}".join(lines) + "\n").encode())


def _written(name: str, column: Sequence[Any]) -> Sequence[str]:
    n_empty = column.count(None)
    if n_empty == len(column):
        return (_NULL,) * n_empty
    if name == "sampling_fraction":
        return [_NULL if cell is None else str(cell) for cell in column]
    escaped = (lambda texts: texts) if name in _PLAIN else _escaped
    if not n_empty:
        return escaped(column)
    texts = escaped([cell or "" for cell in column])
    return [_NULL if cell is None else text for cell, text in zip(column, texts, strict=True)]


def _escaped(texts: Sequence[str]) -> Sequence[str]:
    """Texts as `COPY` wants them, escaped all at once, and only where there is something to escape."""
    joined = _BETWEEN.join(texts)
    if joined.count(_BETWEEN) != len(texts) - 1:
        raise ValueError("a text with a NUL cannot be stored")
    if not any(plain in joined for plain, _escape in _ESCAPES):
        return texts
    for plain, escape in _ESCAPES:
        joined = joined.replace(plain, escape)
    return joined.split(_BETWEEN)

"""The final dataset as a table: wide, a row a post, or long, a row for each value."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, cast

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.corpora.extra import extra_fields
from server.corpora.models import Post
from server.datasets.table import Column, Dataset, Row
from server.exchange.downloads.wanted import Shape, Wanted
from server.language import gettext as _
from server.projects.access import Access
from server.results.final import final_rows, long_final_rows, unequal_columns

_ROWS_AT_ONCE = 2_000
_AUTHOR = 2


def final_table(db: Session, access: Access, wanted: Wanted) -> Dataset:
    """The final dataset as this reader may have it, in the shape that is wanted."""
    if wanted.shape is Shape.LONG:
        long = long_final_rows(db, access, wanted.rule, with_words=not wanted.is_bare)
        return Dataset(access.project_title, long.typed, long.rows)
    found = final_rows(db, access, wanted.rule)
    columns, rows = found.typed, found.rows
    if wanted.with_texts and not wanted.is_bare:
        extra = extra_fields(db, access.project_id)
        columns = unequal_columns(
            (*columns, Column("text", _("Text of the post"), tells=True), *map(_extra_column, extra))
        )
        rows = _with_texts(db, access, rows, extra)
    if wanted.with_pseudonyms and not wanted.is_bare:
        rows = _with_pseudonyms(db, access, rows)
    return Dataset(access.project_title, columns, rows)


def _extra_column(name: str) -> Column:
    return Column(name, _("{name}, as the imported file has it").format(name=name), tells=True)


def _with_texts(db: Session, access: Access, rows: Iterator[Row], extra: Sequence[str]) -> Iterator[Row]:
    """The rows of the final dataset, and behind each the text of its post and its further columns."""
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        first, last = some[0][1], some[-1][1]
        found = db.execute(
            select(col(Post.number), col(Post.text), col(Post.extra)).where(
                col(Post.project_id) == access.project_id, col(Post.number).between(first, last)
            )
        )
        sources: dict[Any, Row] = {
            number: (text, *(cells.get(name) for name in extra)) for number, text, cells in found
        }
        yield from ((*row, *sources[row[1]]) for row in some)


def _with_pseudonyms(db: Session, access: Access, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows with a number for each author: that of their first post, which no other download changes."""
    first = (
        select(col(Post.author), func.min(col(Post.number)))
        .where(col(Post.project_id) == access.project_id, col(Post.author) != "")
        .group_by(col(Post.author))
    )
    numbers: dict[str, int] = dict(iter(db.execute(first)))
    for row in rows:
        number = numbers.get(cast(str, row[_AUTHOR] or ""))
        yield (*row[:_AUTHOR], number and f"author-{number}", *row[_AUTHOR + 1 :])

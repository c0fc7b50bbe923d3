"""The final dataset as a table: wide, a row a post, or long, a row for each value."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from sqlalchemy import select
from sqlmodel import Session, col

from server.corpora.extra import extra_fields
from server.corpora.masking import link_without_name, shown_fields, value_without_name, without_mentions
from server.corpora.models import Post
from server.datasets.table import Column, Dataset, Row, unequal_columns
from server.exchange.author_numbers import author_numbers
from server.exchange.downloads.wanted import Shape, Wanted
from server.language import gettext as _
from server.projects.access import Access
from server.results.columns import post_columns
from server.results.draws import with_draws
from server.results.final import final_rows, long_final_rows

_ROWS_AT_ONCE = 2_000
_NUMBER, _AUTHOR, _LINK = (
    [column.key for column in post_columns()].index(key) for key in ("number", "author", "link")
)


def final_table(db: Session, access: Access, wanted: Wanted) -> Dataset:
    """The final dataset as this reader may have it, in the shape that is wanted."""
    if wanted.shape is Shape.LONG:
        long = long_final_rows(db, access, wanted.rule, with_words=not wanted.is_bare)
        long = with_draws(db, access, long, wanted.rule)
        return Dataset(access.project_title, long.typed, long.rows)
    found = with_draws(db, access, final_rows(db, access, wanted.rule), wanted.rule)
    columns, rows = found.typed, found.rows
    hides_authors = wanted.with_pseudonyms and not wanted.is_bare
    if wanted.with_texts and not wanted.is_bare:
        extra = extra_fields(db, access.project_id)
        shown = shown_fields(extra, hides_people=hides_authors, masks_mentions=wanted.masks_mentions)
        columns = unequal_columns(
            (*columns, Column("text", _("Text of the post"), tells=True), *map(_extra_column, shown))
        )
        rows = _with_texts(db, access, rows, shown)
        if wanted.masks_mentions:
            rows = _with_masked_mentions(rows, len(found.typed))
    if hides_authors:
        # Behind the columns of the dataset stand the text and the further columns.
        rows = _with_pseudonyms(rows, author_numbers(db, access), len(found.typed) + 1)
    return Dataset(access.project_title, columns, rows)


def _extra_column(name: str) -> Column:
    return Column(name, _("{name}, as the imported file has it").format(name=name), tells=True)


def _with_texts(db: Session, access: Access, rows: Iterator[Row], extra: Sequence[str]) -> Iterator[Row]:
    """The rows of the final dataset, and behind each the text of its post and its further columns."""
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        first, last = some[0][_NUMBER], some[-1][_NUMBER]
        found = db.execute(
            select(col(Post.number), col(Post.text), col(Post.extra)).where(
                col(Post.project_id) == access.project_id, col(Post.number).between(first, last)
            )
        )
        sources: dict[Any, Row] = {
            number: (text, *(cells.get(name) for name in extra)) for number, text, cells in found
        }
        yield from ((*row, *sources[row[_NUMBER]]) for row in some)


def _with_masked_mentions(rows: Iterator[Row], n_own: int) -> Iterator[Row]:
    """The rows with @user for every @-mention in their cells from the place `n_own` on."""
    for row in rows:
        told = (without_mentions(cell) if isinstance(cell, str) else cell for cell in row[n_own:])
        yield (*row[:n_own], *told)


def _with_pseudonyms(rows: Iterator[Row], numbers: Mapping[str, str], n_own: int) -> Iterator[Row]:
    """The rows with a number for each author, and without what else would tell the name.

    Cells from the place `n_own` on are further columns.
    """
    for row in rows:
        author, link = cast(str | None, row[_AUTHOR]), cast(str | None, row[_LINK])
        cells = list(row)
        cells[_AUTHOR] = numbers.get(author or "")
        cells[_LINK] = link_without_name(link, author)
        cells[n_own:] = (
            value_without_name(cell, author) if isinstance(cell, str) else cell for cell in row[n_own:]
        )
        yield tuple(cells)

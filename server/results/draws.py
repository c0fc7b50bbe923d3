"""How posts were drawn, and what they weigh, beside their final values."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat

from sqlalchemy import select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.datasets.table import Row, unequal_columns
from server.projects.access import Access
from server.results.columns import draw_columns
from server.results.final import FinalTable
from server.results.finals import Finals
from server.results.memory import remembered_finals
from server.results.outcomes import Rule
from server.results.queries import Scope, scope_of_posts, variables
from server.results.sampling import Sampling, sampling_of, weighing_of

# Where the number of the post stands in a row, wide or long.
_NUMBER = 1


def with_draws(db: Session, access: Access, table: FinalTable, rule: Rule) -> FinalTable:
    """The dataset with `draw_columns` behind the others, where posts were drawn; else as it is.

    They were drawn where an import took a sample, or where rounds drew from the groups of one field. Weights
    are those of weighted shares of questions that all coded posts are coded on. There are none where rounds
    drew from the groups of several fields, or took posts otherwise than at random.
    """
    scope = scope_of_posts(db, access)
    sampling = sampling_of(db, scope)
    if len(sampling.strata) != 1 and not _is_sample(db, access):
        return table
    finals = remembered_finals(db, access, scope, variables(db, access, scope), rule)
    rows = _beside(table.rows, _draws(db, scope, finals, sampling))
    return replace(table, typed=unequal_columns((*table.typed, *draw_columns())), rows=rows)


def _is_sample(db: Session, access: Access) -> bool:
    drawn = select(col(Post.id)).where(
        col(Post.project_id) == access.project_id, col(Post.sampling_fraction).is_not(None)
    )
    return db.scalar(drawn.limit(1)) is not None


def _draws(db: Session, scope: Scope, finals: Finals, sampling: Sampling) -> Iterator[Row]:
    """The number of each post, and its cells of `draw_columns`."""
    if len(sampling.strata) > 1:
        yield from zip(finals.numbers.tolist(), finals.fractions.tolist(), repeat(None), repeat(None))
        return
    of = weighing_of(db, scope, finals, sampling)
    # A weight is one over a chance, and posts that were chosen by what they are had none.
    known = of.coded & (not sampling.why_not_within)
    for number, row, is_known in zip(finals.numbers.tolist(), of.rows(), known.tolist(), strict=True):
        fraction, stratum, weight = row
        yield number, fraction, stratum, weight if is_known else None


def _beside(rows: Iterator[Row], draws: Iterator[Row]) -> Iterator[Row]:
    """Rows in the order of their posts, any number of each, with the cells of their posts."""
    own = next(draws, ())
    for row in rows:
        while own[0] != row[_NUMBER]:
            own = next(draws)
        yield (*row, *own[1:])

"""The final dataset: one row a post, with what each value rests on beside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from server.codebooks.queries import VariableInfo
from server.datasets.table import Cell, Column, Row, unequal_columns
from server.projects.access import Access
from server.results.columns import columns_of, long_columns, post_columns, version_column
from server.results.conditional import Final
from server.results.outcomes import Bases, Basis, Choices, Rule, Statements, has_value
from server.results.queries import PostLine, post_lines, scope_of_posts, variables
from server.results.tallies import FinalSlice, final_slices
from server.results.versions_used import VersionsUsed
from server.rounds.queries import Sight

_Column = list[Cell]
_Part = tuple[FinalSlice, tuple[PostLine, ...]]


@dataclass(frozen=True)
class FinalTable:
    """The final dataset, read while it is taken: `rows` can be gone through once, in an open session.

    Each row has a cell a column. Wide, it is a row a post: of a single choice or ordinal variable the columns
    are the key of the final code (and its number), of a multiple choice each code as 1 or 0, of the others
    the value; after each, its basis, and after each variable how many codings count. A cell is None where
    nothing was coded or nothing is resolved, and where the question is not asked: the basis tells which.
    `hidden` are the rounds this reader may not see, whose codings and decisions are left out.
    """

    typed: tuple[Column, ...]
    rows: Iterator[Row]
    hidden: tuple[Sight, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.key for column in self.typed)


def final_rows(db: Session, access: Access, rule: Rule = Rule.PLURALITY) -> FinalTable:
    """The final values of every post of the project in the order of their numbers, coded or not."""
    scope = scope_of_posts(db, access)
    asked = variables(db, access, scope)
    columns = (*post_columns(), *(column for one in asked for column in columns_of(one)), version_column())
    parts = _with_lines(db, access, final_slices(db, access, scope, asked, rule))
    rows = _rows(parts, asked, VersionsUsed(db, scope))
    return FinalTable(unequal_columns(columns), rows, scope.hidden)


def long_final_rows(
    db: Session, access: Access, rule: Rule = Rule.PLURALITY, *, with_words: bool = True
) -> FinalTable:
    """The same in long form: a row for each final value, and for each code of a multiple choice.

    What was not coded has no row. `with_words` takes free text along.
    """
    scope = scope_of_posts(db, access)
    asked = variables(db, access, scope)
    told = [one for one in asked if with_words or one.kind != "text"]
    slices = _with_lines(db, access, final_slices(db, access, scope, asked, rule))
    return FinalTable(long_columns(told), _long_rows(slices, told, VersionsUsed(db, scope)), scope.hidden)


def _with_lines(db: Session, access: Access, parts: Iterable[FinalSlice]) -> Iterator[_Part]:
    for part in parts:
        yield part, post_lines(db, access, part.posts)


def _rows(parts: Iterable[_Part], asked: Sequence[VariableInfo], versions: VersionsUsed) -> Iterator[Row]:
    for part, lines in parts:
        columns = [column for variable in asked for column in _columns(variable, part.finals[variable.id])]
        posts = map(_post_cells, lines)
        for post, *cells in zip(posts, *columns, versions.of(part), strict=True):
            yield (*post, *cells)


def _post_cells(post: PostLine) -> Row:
    as_given = None if post.posted_at else post.posted_at_text
    said = (post.external_id, post.number, post.author, post.posted_at, post.link)
    return (*said, post.thread_key, post.parent_key, as_given)


def _long_rows(
    parts: Iterable[_Part], asked: Sequence[VariableInfo], versions: VersionsUsed
) -> Iterator[Row]:
    for part, lines in parts:
        strands = [strand for one in asked for strand in _strands(one, part.finals[one.id])]
        every = zip(lines, versions.of(part), *strands, strict=True)
        for post, version, *values in every:
            for value in values:
                # The basis of what nobody coded is None.
                if value[4] is not None:
                    yield (post.external_id, post.number, *value, version)


def _strands(of: VariableInfo, final: Final) -> Iterator[list[Row]]:
    """What each post has on a question, or on one code of it: variable, code, value, text, basis, codings."""
    *values, voices = _columns(of, final)
    nothing: _Column = [None] * len(voices)
    if of.kind == "multiple":
        for code, each in enumerate(of.codes):
            value, basis = values[2 * code : 2 * code + 2]
            yield [(of.key, each.key, *cells) for cells in zip(value, nothing, basis, voices, strict=True)]
        return
    said = {
        "single": (values[0], nothing, nothing),
        "ordinal": (values[0], values[-2], nothing),
        "number": (nothing, values[0], nothing),
        "text": (nothing, nothing, values[0]),
    }
    yield [(of.key, *cells) for cells in zip(*said[of.kind], values[-1], voices, strict=True)]


def _columns(of: VariableInfo, final: Final) -> Iterator[_Column]:
    """The cells of all posts, a list for each of the names."""
    values = final.values
    if isinstance(values, Statements):
        yield from (values.values.tolist(), _words(values.basis))
    elif of.kind == "multiple":
        yield from _yes_no_columns(values)
    else:
        yield from _code_columns(of, values)
    yield final.voices.tolist()


def _yes_no_columns(final: Choices) -> Iterator[_Column]:
    is_open = ~has_value(final.basis) | (final.basis == Basis.UNRESOLVED)
    cells = final.chosen.astype(np.int64).astype(object)
    cells[is_open] = None
    for code in range(cells.shape[1]):
        yield from (cells[:, code].tolist(), _words(final.basis[:, code]))


def _code_columns(of: VariableInfo, final: Choices) -> Iterator[_Column]:
    # The last place stands for "none".
    place = np.where(final.chosen.any(axis=1), final.chosen.argmax(axis=1), len(of.codes))
    yield _looked_up([*(code.key for code in of.codes), None], place)
    if of.kind == "ordinal":
        yield _looked_up([*(code.value for code in of.codes), None], place)
    yield _words(final.basis[:, 0])


def _words(basis: Bases) -> _Column:
    return _looked_up([each.word or None for each in Basis], basis)


def _looked_up(cells: _Column, place: NDArray[Any]) -> _Column:
    found: _Column = np.array(cells, dtype=object)[place].tolist()
    return found

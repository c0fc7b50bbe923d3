"""The final dataset: one row a post, with what each value rests on beside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from server.codebooks.queries import VariableInfo
from server.projects.access import Access
from server.results.asked import Final
from server.results.outcomes import Bases, Basis, Choices, Rule, Statements, has_value
from server.results.queries import PostLine, scope_of_posts, variables
from server.results.tallies import FinalSlice, final_slices
from server.rounds.queries import Sight

Cell = str | int | float | datetime | None
_Column = list[Cell]
_POST_COLUMNS = ("post_id", "number", "author", "posted_at", "link", "thread_id", "parent_id")


@dataclass(frozen=True)
class FinalTable:
    """The final dataset, read while it is taken: `rows` can be gone through once, in an open session.

    Each row has a cell a column. Of a single choice or ordinal variable the columns are the key of the
    final code (and its number), of a multiple choice each code as 1 or 0, of the others the value; after
    each, its basis, and after each variable how many codings count. A cell is None where nothing was coded
    or nothing is resolved, and where the question is not asked: the basis tells which. `hidden` are the
    rounds this reader may not see, whose codings and decisions are left out.
    """

    columns: tuple[str, ...]
    rows: Iterator[tuple[Cell, ...]]
    hidden: tuple[Sight, ...]


def final_rows(db: Session, access: Access, rule: Rule = Rule.PLURALITY) -> FinalTable:
    """The final values of every post of the project in the order of their numbers, coded or not."""
    scope = scope_of_posts(db, access)
    asked = variables(db, access, scope)
    names = [name for variable in asked for name in _names(variable)]
    rows = _rows(final_slices(db, access, scope, asked, rule), asked)
    return FinalTable(unequal((*_POST_COLUMNS, *names)), rows, scope.hidden)


def _names(of: VariableInfo) -> Iterator[str]:
    if of.kind == "multiple":
        for code in of.codes:
            yield from (f"{of.key}_{code.key}", f"{of.key}_{code.key}_basis")
    else:
        values = (of.key, f"{of.key}_value") if of.kind == "ordinal" else (of.key,)
        yield from (*values, f"{of.key}_basis")
    yield f"{of.key}_codings"


def unequal(names: Iterable[str]) -> tuple[str, ...]:
    """The names, with a number behind those that are taken (in any case) by one before."""
    found: dict[str, str] = {}
    for name in names:
        candidate, count = name, 1
        while candidate.casefold() in found:
            count += 1
            candidate = f"{name}_{count}"
        found[candidate.casefold()] = candidate
    return tuple(found.values())


def _rows(parts: Iterable[FinalSlice], asked: Sequence[VariableInfo]) -> Iterator[tuple[Cell, ...]]:
    for part in parts:
        columns = [column for variable in asked for column in _columns(variable, part.finals[variable.id])]
        for post, *cells in zip(part.posts, *columns, strict=True):
            yield (*_post_cells(post), *cells)


def _post_cells(post: PostLine) -> tuple[Cell, ...]:
    said = (post.external_id, post.number, post.author, post.posted_at or post.posted_at_text, post.link)
    return (*said, post.thread_key, post.parent_key)


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

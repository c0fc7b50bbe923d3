"""Answers read and counted: how many annotators gave which answer to each question about each post.

Counted are the current codings of submitted assignments. Of an annotator who answered a question about a
post in several rounds, the last answer counts.

The database gives a row a coding, in which every chosen code is a bit: a row a code would be three times as
many, and what costs most is to carry rows into the program.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, func, literal, select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlmodel import Session, col

from server.adjudication.scope import SUBMITTED, Scope, not_hidden
from server.codebooks.kinds import CHOICES
from server.codebooks.queries import CodeInfo, VariableInfo
from server.coding.models import CodingAnswer
from server.rounds.models import Assignment

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Bits of a whole number that both databases hold exactly.
_BITS = 62
# Rows held as Python objects at a time.
_AT_ONCE = 20_000


@dataclass(frozen=True)
class Lens:
    """Which answers are looked at: of these rounds and questions, of all annotators or of some.

    With `code_id` every answer counts as yes or no to that one code.
    """

    round_ids: tuple[int, ...]
    variable_ids: tuple[int, ...]
    code_id: int | None = None
    member_ids: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Chosen:
    """Answers to a choice: about which post (n), in which round (n), and which codes (n × n_codes)."""

    post: Ints
    round: Ints
    codes: Flags

    def counts(self, n_posts: int) -> Ints:
        """How many annotators chose each code (n_posts × n_codes)."""
        counts = [np.bincount(self.post[chosen], minlength=n_posts) for chosen in self.codes.T]
        return np.stack([*counts, np.zeros(n_posts, dtype=np.int64)], axis=1)[:, :-1]

    def offered(self, n_posts: int, offers: Mapping[int, Flags]) -> Ints:
        """How many who answered could choose each code (n_posts × n_codes).

        `offers`: round → whether it offers each code. Who could not choose a code has not said no to it.
        """
        found = np.zeros((n_posts, self.codes.shape[1]), dtype=np.int64)
        for round_id in np.unique(self.round).tolist():
            voices = np.bincount(self.post[self.round == round_id], minlength=n_posts)
            found += voices[:, None] * offers[round_id]
        return found


@dataclass(frozen=True, eq=False)
class Said:
    """Answers of which an annotator gives one: about which post (n), and which of `values` (n).

    `post` is an id as it is read, and the place of a post among those looked at after `about`.
    """

    post: Ints
    answer: Ints
    values: tuple[Any, ...]

    def about(self, posts: Ints) -> "Said":
        """Those about some posts, with the place of each post; `self.post` is in ascending order."""
        rows, place = rows_about(self.post, posts)
        return Said(place, self.answer[rows], self.values)

    @cached_property
    def tally(self) -> "Tally":
        """The same answers to a post counted."""
        key = self.post * max(len(self.values), 1) + self.answer
        found, annotators = np.unique(key, return_counts=True)
        post, answer = np.divmod(found, max(len(self.values), 1))
        return Tally(post, answer, annotators, self.values)


@dataclass(frozen=True, eq=False)
class Tally:
    """How many annotators (n) gave which answer (n) about which post (n), in the order of the posts."""

    post: Ints
    answer: Ints
    annotators: Ints
    values: tuple[Any, ...]


@dataclass(frozen=True)
class _Window:
    """Ids from `first` on that have their bits in a row, from `shift` on in the number `column`."""

    is_of_codes: bool
    first: int
    width: int
    column: int
    shift: int

    def bit(self) -> tuple[ColumnElement[bool], ColumnElement[int]]:
        """Whether an answer has a bit here, and that bit."""
        code, variable = col(CodingAnswer.code_id), col(CodingAnswer.variable_id)
        id_ = code if self.is_of_codes else variable
        within = id_.between(self.first, self.first + self.width - 1)
        place = id_ - literal(self.first - self.shift)
        bit = literal(1, BigInteger).bitwise_lshift(place)
        return (within if self.is_of_codes else code.is_(None) & within), bit


class _Layout:
    """Which bit of which number stands for a code, and for "nothing applies" to a question.

    Bits follow the ids, which lie close together within a project: so the database finds them by taking one
    number from another, instead of comparing each code with each.
    """

    def __init__(self, variables: Collection[VariableInfo]) -> None:
        self._windows: list[_Window] = []
        self._free: list[int] = []
        codes = (code for variable in variables for code in variable.codes)
        self._add({id_ for code in codes for id_ in code.ids}, is_of_codes=True)
        self._add({variable.id for variable in variables}, is_of_codes=False)

    @property
    def columns(self) -> list[ColumnElement[int]]:
        """What the database sums up over the answers of a coding."""
        return [
            cast(
                func.sum(
                    case(
                        *(window.bit() for window in self._windows if window.column == column),
                        else_=literal(0, BigInteger),
                    )
                ),
                BigInteger,
            )
            for column in range(len(self._free))
        ]

    def flags(self, bits: Ints, id_: int, *, is_of_codes: bool) -> Flags:
        """Whether each coding (n × n_columns) has the bit of a code, or of nothing for a question."""
        window = next(
            each
            for each in self._windows
            if each.is_of_codes == is_of_codes and 0 <= id_ - each.first < each.width
        )
        shift = window.shift + id_ - window.first
        return np.asarray(bits[:, window.column] >> shift & 1, dtype=np.bool_)

    def _add(self, ids: set[int], *, is_of_codes: bool) -> None:
        for first, width in _runs(sorted(ids)):
            fitting = (column for column, used in enumerate(self._free) if used + width <= _BITS)
            column = next(fitting, len(self._free))
            if column == len(self._free):
                self._free.append(0)
            self._windows.append(_Window(is_of_codes, first, width, column, self._free[column]))
            self._free[column] += width


def _runs(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first of each run of ids that fits into a number, and how many bits the run needs."""
    at = 0
    while at < len(ids):
        end = at
        while end + 1 < len(ids) and ids[end + 1] - ids[at] < _BITS:
            end += 1
        yield ids[at], ids[end] - ids[at] + 1
        at = end + 1


@dataclass(frozen=True, eq=False)
class Codings:
    """Which annotator (n) coded which post (n) in which round (n); `bits` (n × n_columns) of what they chose.

    `post` is an id as it is read, and the place of a post among those looked at after `about`.
    """

    post: Ints
    member: Ints
    round: Ints
    bits: Ints
    layout: _Layout

    def __len__(self) -> int:
        """How many there are."""
        return len(self.post)

    def of(self, member_ids: Collection[int]) -> "Codings":
        """Those of some annotators."""
        return self.only(np.isin(self.member, list(member_ids)))

    def about(self, posts: Ints) -> "Codings":
        """Those about some posts, with the place of each post; `self.post` is in ascending order."""
        rows, place = rows_about(self.post, posts)
        return Codings(place, self.member[rows], self.round[rows], self.bits[rows], self.layout)

    def choices(self, variable: VariableInfo) -> tuple[Flags, list[Flags]]:
        """Who said that nothing applies to a question (n), and who chose each of its codes (n)."""
        nothing = self.layout.flags(self.bits, variable.id, is_of_codes=False)
        return nothing, [self._has_chosen(code) for code in variable.codes]

    def on(self, variable: VariableInfo) -> Chosen:
        """What was chosen on one question, by those who answered it."""
        nothing, codes = self.choices(variable)
        rows = np.flatnonzero(np.logical_or.reduce([nothing, *codes]))
        rows = rows[last_words(self.post[rows], self.member[rows], self.round[rows])]
        chosen = np.zeros((len(rows), len(codes)), dtype=np.bool_)
        for place, flags in enumerate(codes):
            chosen[:, place] = flags[rows]
        return Chosen(self.post[rows], self.round[rows], chosen)

    def only(self, rows: Flags) -> "Codings":
        """The marked ones."""
        return Codings(self.post[rows], self.member[rows], self.round[rows], self.bits[rows], self.layout)

    def _has_chosen(self, code: CodeInfo) -> Flags:
        flags = [self.layout.flags(self.bits, id_, is_of_codes=True) for id_ in code.ids]
        return flags[0] if len(flags) == 1 else np.logical_or.reduce(flags)


@dataclass(frozen=True, eq=False)
class Told:
    """What annotators say on a number or a text: rows (post, member, round, place in `values`), by post."""

    table: Ints
    values: tuple[Any, ...]

    def of(self, member_ids: Collection[int]) -> "Told":
        """Those of some annotators."""
        return Told(self.table[np.isin(self.table[:, 1], list(member_ids))], self.values)

    @property
    def last_words(self) -> Said:
        """The last answer of each annotator about each post."""
        table = self.table[last_words(self.table[:, 0], self.table[:, 1], self.table[:, 2])]
        return Said(table[:, 0], table[:, 3], self.values)


@dataclass(frozen=True, eq=False)
class Seen:
    """What is seen through a lens: posts by their ids, and the answers about them by question.

    `chosen` holds multiple choices, `said` all other questions.
    """

    posts: Ints
    chosen: dict[int, Chosen]
    said: dict[int, Said]


@dataclass(frozen=True, eq=False)
class Read:
    """What was read through a lens: codings of the choices, and statements on all other questions."""

    coded: Codings
    told: dict[int, Told]

    def of(self, member_ids: Collection[int]) -> "Read":
        """The same of some annotators."""
        told = {key: each.of(member_ids) for key, each in self.told.items()}
        return Read(self.coded.of(member_ids), told)


def seen(db: Session, scope: Scope, lens: Lens, *conditions: ColumnElement[bool]) -> Seen:
    """The answers that a lens shows, about posts that fulfil the conditions."""
    return seen_in(read(db, scope, lens, *conditions), scope, lens)


def read(db: Session, scope: Scope, lens: Lens, *conditions: ColumnElement[bool]) -> Read:
    """The same as rows of annotators, which can be looked at again in other ways."""
    asked = [scope.variable_by_id[key] for key in lens.variable_ids]
    choices = [variable for variable in asked if variable.kind in CHOICES]
    where = [not_hidden(scope, col(Assignment.post_id)), *conditions]
    if lens.member_ids:
        where.append(col(Assignment.member_id).in_(lens.member_ids))
    coded = codings(db, choices, lens.round_ids if choices else (), *where)
    told = {
        each.id: statements(db, each, lens.round_ids, *where) for each in asked if each.kind not in CHOICES
    }
    return Read(coded, told)


def seen_in(found: Read, scope: Scope, lens: Lens) -> Seen:
    """What was read, about the questions of a lens that are among those it was read for."""
    asked = [scope.variable_by_id[key] for key in lens.variable_ids]
    choices = [variable for variable in asked if variable.kind in CHOICES]
    said_of = {key: found.told[key].last_words for key in lens.variable_ids if key in found.told}
    posts = np.unique(np.concatenate([found.coded.post, *(said.post for said in said_of.values())]))
    coded = found.coded.about(posts)
    chosen = {each.id: coded.on(each) for each in choices if each.kind == "multiple"}
    single = {each.id: _one_of(coded.on(each), each) for each in choices if each.kind != "multiple"}
    return Seen(posts, chosen, single | {key: said.about(posts) for key, said in said_of.items()})


def _one_of(chosen: Chosen, variable: VariableInfo) -> Said:
    return Said(chosen.post, chosen.codes.argmax(axis=1), tuple(code.id for code in variable.codes))


def codings(
    db: Session,
    variables: Collection[VariableInfo],
    round_ids: Sequence[int],
    *conditions: ColumnElement[bool],
) -> Codings:
    """The codings of these rounds that fulfil the conditions, and what they say on these choices."""
    layout = _Layout(variables)
    columns = layout.columns
    parts = [np.zeros((0, 3 + len(columns)), dtype=np.int64)]
    # A statement a round: so the database reads the round from end to end, and sorts nothing.
    for round_id in round_ids:
        statement = (
            _submitted(round_id, conditions)
            .add_columns(*columns)
            .outerjoin(CodingAnswer, col(CodingAnswer.coding_id) == col(Assignment.coding_id))
            .group_by(col(Assignment.id))
        )
        parts += number_rows(db, statement, 3 + len(columns))
    table = np.concatenate(parts)
    table = table[np.argsort(table[:, 0], kind="stable")]
    return Codings(table[:, 0], table[:, 1], table[:, 2], table[:, 3:], layout)


def statements(
    db: Session, variable: VariableInfo, round_ids: Sequence[int], *conditions: ColumnElement[bool]
) -> Told:
    """What the codings of these rounds that fulfil the conditions say on a number or a text."""
    value = col(CodingAnswer.number if variable.kind == "number" else CodingAnswer.text)
    places: dict[Any, int] = {}
    found = [np.zeros((0, 4), dtype=np.int64)]
    for round_id in round_ids:
        statement = (
            _submitted(round_id, conditions)
            .add_columns(value)
            .join(CodingAnswer, col(CodingAnswer.coding_id) == col(Assignment.coding_id))
            .where(col(CodingAnswer.variable_id) == variable.id)
        )
        with closing(raw_rows(db, statement)) as rows:
            numbered = [(*ids, places.setdefault(said, len(places))) for *ids, said in rows.fetchall()]
        found.append(np.array(numbered, dtype=np.int64).reshape(-1, 4))
    table = np.concatenate(found)
    return Told(table[np.argsort(table[:, 0], kind="stable")], tuple(places))


def _submitted(round_id: int, conditions: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    ids = (col(Assignment.post_id), col(Assignment.member_id), col(Assignment.round_id))
    chosen: Select[*tuple[Any, ...]] = select(*ids).select_from(Assignment)
    return chosen.where(col(Assignment.round_id) == round_id, col(Assignment.state) == SUBMITTED, *conditions)


def last_words(post: Ints, member: Ints, round_: Ints) -> Ints:
    """The rows of the last round in which each member answered about each post, in their order."""
    if not len(round_) or (round_ == round_[0]).all():
        return np.arange(len(post))
    order = np.lexsort((round_, member, post))
    ends = np.ones(len(order), dtype=np.bool_)
    ends[:-1] = (np.diff(post[order]) != 0) | (np.diff(member[order]) != 0)
    return np.sort(order[ends])


def rows_about(of: Ints, posts: Ints) -> tuple[Ints, Ints]:
    """The rows about each of these posts, and the place of its post for each; `of` (n) is in order."""
    begins = np.searchsorted(of, posts)
    n_rows = np.searchsorted(of, posts, side="right") - begins
    place = np.repeat(np.arange(len(posts)), n_rows)
    rows = np.arange(len(place)) + np.repeat(begins - np.cumsum(n_rows) + n_rows, n_rows)
    return rows, place


def number_rows(db: Session, statement: Select[*tuple[Any, ...]], width: int) -> Iterator[Ints]:
    """Rows (n × width) of whole numbers, some thousand at a time."""
    with closing(raw_rows(db, statement)) as rows:
        while some := rows.fetchmany(_AT_ONCE):
            values = np.fromiter(chain.from_iterable(some), dtype=np.int64, count=width * len(some))
            yield values.reshape(len(some), width)


def raw_rows(db: Session, statement: Select[*tuple[Any, ...]]) -> DBAPICursor:
    """The driver's own cursor: rows of SQLAlchemy's take as long again."""
    return db.connection().execute(statement).cursor

"""Codings in the shapes that programs of agreement read: tidycomm's table and ReCal's matrices.

They hold what the page of agreement measures: codings made before a round was revealed, without training, and
of an annotator who coded a post twice the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session, col

from server.codebooks.queries import CodeInfo
from server.corpora.models import Post
from server.datasets.matrices import Judged, Matrix, MatrixArchive, fullest_matrix
from server.datasets.table import Cell, Code, Column, Dataset, Kind, Row, unequal_columns
from server.exchange.downloads.coding_tables import annotators
from server.exchange.downloads.wanted import Wanted
from server.language import gettext as _
from server.projects.access import Access
from server.reliability.answers import Ints
from server.reliability.codings import Codings, Selection, category_of, codings
from server.reliability.queries import Question, RoundInfo, questions_of, rounds_of, swaying
from server.results.columns import coded_column, yes_no_column
from server.rounds.design import Purpose

_POSTS_AT_ONCE = 5_000


@dataclass(frozen=True)
class _Strand:
    """One question, or one code of a multiple choice, as it was answered; `values` are cells by place."""

    column: Column
    found: Codings
    places: Ints
    values: Sequence[Cell]

    @property
    def judged(self) -> Judged:
        """The answers as numbers."""
        codes = {code.key: code.number for code in self.column.codes}
        numbers = [codes.get(str(value), value) for value in self.values]
        return Judged(self.found.post, self.found.member, np.array(numbers, dtype=np.float64)[self.places])


def tidy_table(db: Session, access: Access, wanted: Wanted) -> Dataset:
    """One row for each annotator of a post: post, annotator, and a column a question or code (tidycomm)."""
    strands = list(_strands(db, access))
    columns = (
        Column("post_id", _("Id of the post in the imported file")),
        Column("coder_id", _("Annotator")),
        *(strand.column for strand in strands),
    )
    rows = _tidy_rows(db, access, strands, with_names=wanted.names_annotators)
    return Dataset(access.project_title, unequal_columns(columns), rows)


def recal_archive(db: Session, access: Access, *, with_names: bool) -> MatrixArchive:
    """A matrix of whole numbers for each question or code: a row a post, a column an annotator (ReCal)."""
    names = {id_: one.name for id_, one in annotators(db, access, with_names=with_names).items()}
    strands = list(_strands(db, access))
    columns = unequal_columns(strand.column for strand in strands)
    matrices = [
        fullest_matrix(column, strand.judged, names) for column, strand in zip(columns, strands, strict=True)
    ]
    return MatrixArchive(matrices, _post_ids(db, access, matrices))


def _strands(db: Session, access: Access) -> Iterator[_Strand]:
    every = rounds_of(db, access)
    rounds = [one for one in every if not one.why_no_codings and one.purpose != Purpose.TRAINING]
    for question in questions_of(db, access.project_id, rounds):
        if question.kind == "multiple":
            for code in question.codes:
                found = _read(db, access, every, question, question.offered[code.id])
                column = yes_no_column(f"{question.key}_{code.key}", f"{question.label}: {code.label}")
                yield _Strand(column, found, category_of(question, found, code.key), (0, 1))
        elif question.kind != "text":
            yield _whole(question, _read(db, access, every, question, question.rounds))


def _read(
    db: Session, access: Access, every: Sequence[RoundInfo], question: Question, rounds: tuple[int, ...]
) -> Codings:
    selection = Selection(access.project_id, rounds, swaying=swaying(every))
    return codings(db, question, selection).first_of_each_member()


def _whole(question: Question, found: Codings) -> _Strand:
    if question.kind == "number":
        values, places = np.unique(found.answer[:, 0], return_inverse=True)
        return _Strand(Column(question.key, question.label, Kind.NUMBER), found, places, values.tolist())
    places = category_of(question, found, "")
    if question.kind == "ordinal" and all(code.value is not None for code in question.codes):
        column = Column(question.key, question.label, Kind.NUMBER, _steps(question.codes), is_ordered=True)
        return _Strand(column, found, places, [code.value for code in question.codes])
    column = coded_column(question.key, question.label, question.kind, question.codes)
    return _Strand(column, found, places, [code.key for code in question.codes])


def _steps(codes: Sequence[CodeInfo]) -> tuple[Code, ...]:
    """What the numbers of a scale mean; nothing where one is not whole, which no format could label."""
    values = [code.value or 0.0 for code in codes]
    if not all(value.is_integer() and abs(value) < 2**31 for value in values):
        return ()
    steps = sorted((int(value), code.label) for value, code in zip(values, codes, strict=True))
    return tuple(Code(str(number), label, number) for number, label in steps)


def _tidy_rows(db: Session, access: Access, strands: Sequence[_Strand], *, with_names: bool) -> Iterator[Row]:
    people = annotators(db, access, with_names=with_names)
    width = max(people, default=0) + 1
    keys = [strand.found.post * width + strand.found.member for strand in strands]
    every = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *keys]))
    last = every[-1] // width if len(every) else 0
    cells = [_placed(strand, key, every) for strand, key in zip(strands, keys, strict=True)]
    for first in range(0, int(last) + 1, _POSTS_AT_ONCE):
        some = slice(*np.searchsorted(every, (first * width, (first + _POSTS_AT_ONCE) * width)))
        ids = _ids_between(db, access, first, first + _POSTS_AT_ONCE)
        for key, *row in zip(every[some].tolist(), *(column[some].tolist() for column in cells), strict=True):
            yield (ids[key // width], people[key % width].name, *row)


def _placed(strand: _Strand, keys: Ints, every: Ints) -> NDArray[np.object_]:
    """The cell of each coding of any question; None where this one was not answered."""
    cells = np.full(len(every), None, dtype=object)
    cells[np.searchsorted(every, keys)] = np.array(strand.values, dtype=object)[strand.places]
    return cells


def _ids_between(db: Session, access: Access, first: int, last: int) -> dict[int, str]:
    """The ids in the imported file of the posts with these ids, the last left out."""
    found = select(col(Post.id), col(Post.external_id)).where(
        col(Post.project_id) == access.project_id, col(Post.id) >= first, col(Post.id) < last
    )
    return dict(iter(db.execute(found)))


def _post_ids(db: Session, access: Access, matrices: Sequence[Matrix]) -> dict[int, str]:
    units = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(one.units for one in matrices)]))
    first, last = (int(units[0]), int(units[-1]) + 1) if len(units) else (0, 0)
    return _ids_between(db, access, first, last)

"""What a round asks: its version of the codebook, or some questions of it where posts are coded again."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select
from sqlmodel import Session, col

from server.codebooks.queries import Codebook, VariableInfo, codebook
from server.db.remembering import keep
from server.rounds.models import RoundQuestion


def codebook_of(db: Session, round_id: int, version_id: int) -> Codebook:
    """The questions of a round. What a round asks never changes, so it is read once and kept in memory."""
    place = ("codebook of round", round_id, version_id)
    kept: Codebook | None = db.info["memory"].get(place)
    if kept is None:
        kept = _read(db, round_id, version_id)
        keep(db, place, kept)
    return kept


def _read(db: Session, round_id: int, version_id: int) -> Codebook:
    book = codebook(db, version_id)
    chosen = db.scalars(
        select(col(RoundQuestion.variable_id)).where(col(RoundQuestion.round_id) == round_id)
    ).all()
    return part_of(book, round_id, set(chosen)) if chosen else book


def part_of(book: Codebook, round_id: int, variable_ids: Collection[int]) -> Codebook:
    """Some questions of a version. One that rests on a question that is not among them is asked at once."""
    asked = (variable for variable in book.variables if variable.id in variable_ids)
    return replace(book, of_round=round_id, variables=tuple(_alone(each, variable_ids) for each in asked))


def _alone(variable: VariableInfo, asked: Collection[int]) -> VariableInfo:
    left = frozenset(each for each in variable.when if each.on_id in asked)
    return replace(variable, when=left) if left == variable.when else replace(variable, when=frozenset())

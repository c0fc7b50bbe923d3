"""Under which versions of the codebook the codings behind the results were made, and what is read anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.codebooks.models import Code, CodebookVersion, CodeEntry
from server.codebooks.queries import VariableInfo
from server.results.queries import Scope
from server.rounds.models import Round, RoundAnnotator


@dataclass(frozen=True)
class VersionLine:
    """How many codings were made under a version, those that were made again since included."""

    number: int
    n_codings: int


@dataclass(frozen=True)
class Reading:
    """A code of an older version, and the one its codings are read as."""

    question: str
    old: str
    new: str


@dataclass(frozen=True)
class Versions:
    """The versions that the results rest on, oldest first, and the codes that are read as another one."""

    lines: tuple[VersionLine, ...]
    readings: tuple[Reading, ...]

    @property
    def is_worth_saying(self) -> bool:
        """Whether the codings are not all of one version, read as they were made."""
        return len(self.lines) > 1 or bool(self.readings)


def versions_behind(db: Session, scope: Scope, of: Sequence[VariableInfo]) -> Versions:
    """The versions behind what this reader may see; `of` are the questions as they are read."""
    return Versions(tuple(_lines(db, scope)), tuple(_readings(db, of)))


def _lines(db: Session, scope: Scope) -> list[VersionLine]:
    n_codings = func.sum(col(RoundAnnotator.n_submitted))
    rows = db.execute(
        select(col(CodebookVersion.number), n_codings)
        .join(Round, col(Round.codebook_version_id) == col(CodebookVersion.id))
        .join(RoundAnnotator, col(RoundAnnotator.round_id) == col(Round.id))
        .where(col(Round.id).in_(scope.rounds))
        .group_by(col(CodebookVersion.number))
        .having(n_codings > 0)
        .order_by(col(CodebookVersion.number))
    )
    return [VersionLine(number, int(n)) for number, n in rows]


def _readings(db: Session, of: Sequence[VariableInfo]) -> list[Reading]:
    heirs = {old: (each, code) for each in of for code in each.codes for old in code.takes_up}
    if not heirs:
        return []
    last = select(func.max(col(CodeEntry.id))).where(col(CodeEntry.code_id) == col(Code.id))
    rows = db.execute(
        select(col(Code.id), col(CodeEntry.label))
        .join(CodeEntry, col(CodeEntry.id) == last.correlate(Code).scalar_subquery())
        .where(col(Code.id).in_(heirs))
        .order_by(col(Code.id))
    )
    return [Reading(heirs[id_][0].label, label, heirs[id_][1].label) for id_, label in rows]

"""Reading codebooks.

`Codebook` is one version as everything else uses it: frozen, with ids and keys. A published one never
changes, so it is read once and kept in the process's memory.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.accounts.models import Account
from server.codebooks.lineage import NO_ORIGINS, Origin, Origins
from server.codebooks.models import (
    Code,
    CodebookVersion,
    CodeEntry,
    CodeOrigin,
    Variable,
    VariableCondition,
    VariableEntry,
)
from server.codebooks.past import Past
from server.codebooks.sheet import NOTHING_APPLIES, CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet, When
from server.db.remembering import keep
from server.errors import NotFound
from server.projects.access import Access
from server.projects.models import Member


@dataclass(frozen=True)
class CodeInfo:
    """One code as a version of the codebook has it.

    `takes_up`: the codes of older versions whose codings are read as this one.
    """

    id: int
    key: str
    label: str
    value: float | None
    definition: str
    use_when: str
    avoid_when: str
    example: str
    counter_example: str
    parent_id: int | None
    takes_up: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """What stands for it in codings: itself, and what it takes up."""
        return (self.id, *self.takes_up)


class ConditionInfo(NamedTuple):
    """One answer after which a variable is asked: a code, or (None) that nothing applies."""

    on_id: int
    code_id: int | None


@dataclass(frozen=True)
class VariableInfo:
    """One variable as a version of the codebook has it. `kind`: single, multiple, ordinal, number, text.

    With `when` it is asked only after one of these answers to variables before it.
    """

    id: int
    key: str
    kind: str
    label: str
    hint: str
    is_required: bool
    minimum: float | None
    maximum: float | None
    codes: tuple[CodeInfo, ...]
    when: frozenset[ConditionInfo] = frozenset()

    @cached_property
    def code_by_key(self) -> dict[str, CodeInfo]:
        """Its codes by their keys."""
        return {code.key: code for code in self.codes}

    @cached_property
    def code_by_id(self) -> dict[int, CodeInfo]:
        """Its codes by their ids."""
        return {code.id: code for code in self.codes}

    def with_codes_of(self, older: "VariableInfo") -> "VariableInfo":
        """This variable, and behind its codes those that only an older version of it has."""
        gone = tuple(code for code in older.codes if code.id not in self.code_by_id)
        return replace(self, codes=(*self.codes, *gone)) if gone else self


@dataclass(frozen=True)
class Codebook:
    """One version of a project's codebook; with `of_round` only what that round asks of it.

    `origins`: which of its codes took up others of the version before.
    """

    version_id: int
    number: int
    note: str
    edition: int
    published_at: datetime | None
    variables: tuple[VariableInfo, ...]
    origins: Origins = NO_ORIGINS
    of_round: int | None = None

    @cached_property
    def variable_by_key(self) -> dict[str, VariableInfo]:
        """Its variables by their keys."""
        return {variable.key: variable for variable in self.variables}

    @cached_property
    def variable_by_id(self) -> dict[int, VariableInfo]:
        """Its variables by their ids."""
        return {variable.id: variable for variable in self.variables}


@dataclass(frozen=True)
class VersionRow:
    """A published version in the list of versions. Nobody is named where the server's shell published it."""

    number: int
    note: str
    published_at: datetime
    published_by: str


def codebook(db: Session, version_id: int) -> Codebook:
    """The version with this id; a published one comes from memory after the first time."""
    place = ("codebook", version_id)
    kept: Codebook | None = db.info["memory"].get(place)
    if kept is None:
        kept = _read(db, version_id)
        if kept.published_at is not None:
            keep(db, place, kept)
    return kept


def draft(db: Session, project_id: int) -> Codebook | None:
    """The version being written, if there is one."""
    version_id = db.scalar(
        select(col(CodebookVersion.id)).where(
            col(CodebookVersion.project_id) == project_id, col(CodebookVersion.published_at).is_(None)
        )
    )
    return None if version_id is None else codebook(db, version_id)


def latest_published(db: Session, project_id: int) -> Codebook | None:
    """The newest published version, if there is one."""
    version_id = db.scalar(
        select(col(CodebookVersion.id))
        .where(col(CodebookVersion.project_id) == project_id, col(CodebookVersion.published_at).is_not(None))
        .order_by(col(CodebookVersion.number).desc())
        .limit(1)
    )
    return None if version_id is None else codebook(db, version_id)


def published_numbered(db: Session, project_id: int, number: int) -> Codebook:
    """The published version with this number; `NotFound` where there is none."""
    version_id = db.scalar(
        select(col(CodebookVersion.id)).where(
            col(CodebookVersion.project_id) == project_id,
            col(CodebookVersion.number) == number,
            col(CodebookVersion.published_at).is_not(None),
        )
    )
    if version_id is None:
        raise NotFound
    return codebook(db, version_id)


def being_written(db: Session, project_id: int) -> Codebook:
    """The draft; where there is none, what it would begin as: the newest version, or nothing.

    The edition of a draft that does not exist yet is the newest version's number with a minus sign, so
    that no form made before a publication fits after it.
    """
    written = draft(db, project_id)
    if written is not None:
        return written
    newest = latest_published(db, project_id)
    if newest is None:
        return Codebook(0, 1, "", 0, None, ())
    return replace(
        newest,
        version_id=0,
        number=newest.number + 1,
        note="",
        edition=-newest.number,
        published_at=None,
        origins=NO_ORIGINS,
    )


def versions(db: Session, project_id: int) -> tuple[VersionRow, ...]:
    """The published versions, newest first."""
    rows = db.execute(
        select(
            col(CodebookVersion.number),
            col(CodebookVersion.note),
            col(CodebookVersion.published_at),
            col(Account.display_name),
        )
        .outerjoin(Account, col(Account.id) == col(CodebookVersion.published_by))
        .where(col(CodebookVersion.project_id) == project_id, col(CodebookVersion.published_at).is_not(None))
        .order_by(col(CodebookVersion.number).desc())
    )
    return tuple(VersionRow(number, note, at, name or "") for number, note, at, name in rows if at)


def newest_opened(db: Session, access: Access) -> int:
    """The number of the newest version that this member has opened; 0 where they have opened none."""
    return db.scalar(select(col(Member.codebook_opened)).where(col(Member.id) == access.member_id)) or 0


def past(db: Session, project_id: int) -> Past:
    """What the published versions have used."""
    ids = db.scalars(
        select(col(CodebookVersion.id))
        .where(col(CodebookVersion.project_id) == project_id, col(CodebookVersion.published_at).is_not(None))
        .order_by(col(CodebookVersion.number).desc())
    )
    books = [codebook(db, version_id) for version_id in ids if version_id is not None]
    return Past(
        tuple((book.number, sheet_of(book)) for book in books),
        {book.number: book.origins for book in books},
    )


def sheet_of(book: Codebook) -> CodebookSheet:
    """The codebook in its plain shape, without ids and versions."""
    return CodebookSheet(tuple(_variable_sheet(book, variable) for variable in book.variables))


def _variable_sheet(book: Codebook, variable: VariableInfo) -> VariableSheet:
    return VariableSheet(
        key=variable.key,
        kind=variable.kind,
        label=variable.label,
        hint=variable.hint,
        required=variable.is_required,
        minimum=variable.minimum,
        maximum=variable.maximum,
        codes=tuple(_code_sheet(variable, code) for code in variable.codes),
        when=_when_sheet(book, variable),
    )


def _when_sheet(book: Codebook, variable: VariableInfo) -> When:
    found = [(book.variable_by_id[on_id], code_id) for on_id, code_id in variable.when]
    return frozenset(
        ConditionSheet(on.key, NOTHING_APPLIES if code_id is None else on.code_by_id[code_id].key)
        for on, code_id in found
    )


def _code_sheet(variable: VariableInfo, code: CodeInfo) -> CodeSheet:
    parent = None if code.parent_id is None else variable.code_by_id.get(code.parent_id)
    return CodeSheet(
        key=code.key,
        label=code.label,
        value=code.value,
        definition=code.definition,
        use_when=code.use_when,
        avoid_when=code.avoid_when,
        example=code.example,
        counter_example=code.counter_example,
        parent_key=None if parent is None else parent.key,
    )


def _read(db: Session, version_id: int) -> Codebook:
    version = db.get(CodebookVersion, version_id)
    if version is None:
        raise NotFound
    codes, conditions = _codes_by_variable(db, version_id), _conditions_by_variable(db, version_id)
    entries = db.execute(
        select(VariableEntry, col(Variable.key))
        .join(Variable, col(Variable.id) == col(VariableEntry.variable_id))
        .where(col(VariableEntry.version_id) == version_id)
        .order_by(col(VariableEntry.position))
    )
    variables = tuple(
        _variable(entry, key, tuple(codes[entry.variable_id]), frozenset(conditions[entry.variable_id]))
        for entry, key in entries
    )
    return Codebook(
        version_id,
        version.number,
        version.note,
        version.edition,
        version.published_at,
        variables,
        _origins(db, version_id),
    )


def _origins(db: Session, version_id: int) -> Origins:
    heir, origin = aliased(Code), aliased(Code)
    rows = db.execute(
        select(col(Variable.key), col(heir.key), col(origin.key))
        .select_from(CodeOrigin)
        .join(heir, col(heir.id) == col(CodeOrigin.code_id))
        .join(origin, col(origin.id) == col(CodeOrigin.origin_id))
        .join(Variable, col(Variable.id) == col(heir.variable_id))
        .where(col(CodeOrigin.version_id) == version_id)
    )
    return frozenset(Origin(variable, code, gone) for variable, code, gone in rows)


def _variable(
    entry: VariableEntry, key: str, codes: tuple[CodeInfo, ...], when: frozenset[ConditionInfo]
) -> VariableInfo:
    return VariableInfo(
        entry.variable_id,
        key,
        entry.kind,
        entry.label,
        entry.hint,
        entry.is_required,
        entry.minimum,
        entry.maximum,
        codes,
        when,
    )


def _conditions_by_variable(db: Session, version_id: int) -> dict[int, list[ConditionInfo]]:
    found: dict[int, list[ConditionInfo]] = defaultdict(list)
    rows = db.execute(
        select(
            col(VariableCondition.variable_id),
            col(VariableCondition.on_variable_id),
            col(VariableCondition.code_id),
        ).where(col(VariableCondition.version_id) == version_id)
    )
    for variable_id, on_id, code_id in rows:
        found[variable_id].append(ConditionInfo(on_id, code_id))
    return found


def _codes_by_variable(db: Session, version_id: int) -> dict[int, list[CodeInfo]]:
    found: dict[int, list[CodeInfo]] = defaultdict(list)
    rows = db.execute(
        select(CodeEntry, col(Code.key))
        .join(Code, col(Code.id) == col(CodeEntry.code_id))
        .where(col(CodeEntry.version_id) == version_id)
        .order_by(col(CodeEntry.variable_id), col(CodeEntry.position))
    )
    for entry, key in rows:
        found[entry.variable_id].append(
            CodeInfo(
                entry.code_id,
                key,
                entry.label,
                entry.value,
                entry.definition,
                entry.use_when,
                entry.avoid_when,
                entry.example,
                entry.counter_example,
                entry.parent_id,
            )
        )
    return found

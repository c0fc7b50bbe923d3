"""Variables and codes across versions: what was coded under one, read as a later one has it.

Where a version merged codes and its lead let old codings be read as the code that took them up, everything
that counts reads them so. The codings themselves stay as they were made.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlmodel import Session, col

from server.codebooks.models import Code, CodebookVersion, CodeOrigin, EntryChange, Fate
from server.codebooks.queries import (
    Codebook,
    CodeInfo,
    ConditionInfo,
    VariableInfo,
    codebook,
    latest_published,
)
from server.language import gettext as _

# The id of a code that was merged → the id of the code it is read as.
ReadAs = Mapping[int, int]


def read_as(db: Session, project_id: int) -> dict[int, int]:
    """The codes of a project that are read as another one; that one is itself read as no other."""
    rows = db.execute(
        select(col(CodeOrigin.origin_id), col(CodeOrigin.code_id))
        .join(CodebookVersion, col(CodebookVersion.id) == col(CodeOrigin.version_id))
        .join(
            EntryChange,
            (col(EntryChange.version_id) == col(CodeOrigin.version_id))
            & (col(EntryChange.code_id) == col(CodeOrigin.origin_id)),
        )
        .where(
            col(CodebookVersion.project_id) == project_id,
            col(CodebookVersion.published_at).is_not(None),
            col(EntryChange.fate) == Fate.MAP.value,
        )
    )
    steps = dict(iter(rows))
    return {origin: _end(steps, origin) for origin in steps}


def later_keys(db: Session, project_id: int) -> dict[int | None, str]:
    """The codes that are read as another one today, and its key."""
    successors = read_as(db, project_id)
    found = select(col(Code.id), col(Code.key)).where(col(Code.id).in_(set(successors.values())))
    keys = dict(iter(db.execute(found))) if successors else {}
    return {code_id: keys[later] for code_id, later in successors.items()}


def _end(steps: Mapping[int, int], code_id: int) -> int:
    # A code that was merged never comes back, so the steps have no circle.
    while code_id in steps:
        code_id = steps[code_id]
    return code_id


def variables_over_time(
    db: Session, project_id: int, version_ids: Collection[int]
) -> tuple[VariableInfo, ...]:
    """The variables of the newest codebook, then those that only the versions given have; and so their codes.

    Codes that are read as another one are not among them: the other one takes them up.
    """
    newest = latest_published(db, project_id)
    used = {*version_ids, *([newest.version_id] if newest else [])}
    books = sorted((codebook(db, version_id) for version_id in used), key=lambda book: -book.number)
    found: dict[int, VariableInfo] = {}
    for variable in (variable for book in books for variable in book.variables):
        newer = found.get(variable.id)
        found[variable.id] = variable if newer is None else newer.with_codes_of(variable)
    successors = read_as(db, project_id)
    read = (with_codes_read(variable, successors) for variable in found.values())
    return tuple(told_apart(variable, books) for variable in read)


def told_apart(variable: VariableInfo, books: Sequence[Codebook]) -> VariableInfo:
    """The variable, whose older codes say how long they were used where a newer one has the same label.

    `books`: the newest first.
    """
    used: set[str] = set()
    codes = []
    for code in variable.codes:
        codes.append(_with_last_version(code, books) if code.label in used else code)
        used.add(code.label)
    return replace(variable, codes=tuple(codes)) if len(used) < len(codes) else variable


def _with_last_version(code: CodeInfo, books: Sequence[Codebook]) -> CodeInfo:
    last = next((book.number for book in books if _has(book, code)), 0)
    label = _("{label} (until version {number})").format(label=code.label, number=last)
    return replace(code, label=label)


def with_codes_read(variable: VariableInfo, successors: ReadAs) -> VariableInfo:
    """The variable without the codes that are read as another one of it."""
    if not successors:
        return variable
    codes = tuple(_taking_up(code, successors) for code in variable.codes if code.id not in successors)
    when = frozenset(ConditionInfo(on, _read(code, successors)) for on, code in variable.when)
    return replace(variable, codes=codes, when=when)


def _has(book: Codebook, code: CodeInfo) -> bool:
    return any(not each.code_by_id.keys().isdisjoint(code.ids) for each in book.variables)


def _taking_up(code: CodeInfo, successors: ReadAs) -> CodeInfo:
    taken = tuple(sorted(old for old, new in successors.items() if new == code.id))
    return replace(code, takes_up=taken) if taken else code


def _read(code_id: int | None, successors: ReadAs) -> int | None:
    return None if code_id is None else successors.get(code_id, code_id)


def offered(book: Codebook, successors: ReadAs) -> frozenset[int]:
    """The codes a version offers, as they are read."""
    return frozenset(
        successors.get(code.id, code.id) for variable in book.variables for code in variable.codes
    )

"""Two versions of a project's codebook compared, with what became of codes in all versions between."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session, col

from server.codebooks import queries
from server.codebooks.changes import Changes, differences
from server.codebooks.lineage import Place
from server.codebooks.marks import Marks, fated, marked, proposed, together
from server.codebooks.models import Code, CodebookVersion, EntryChange, Variable
from server.codebooks.queries import Codebook, sheet_of
from server.codebooks.sheet import CodebookSheet


def compared(db: Session, project_id: int, before: Codebook | None, after: Codebook) -> Changes:
    """What differs; `before` None stands for the empty codebook, and `after` may be the draft.

    What differs between published versions is marked as it was said; what the draft changes since the
    newest version, as it is proposed.
    """
    origins = queries.past(db, project_id).origins
    first = 0 if before is None else before.number
    between = [number for number in sorted(origins) if first < number < after.number]
    steps = [origins[number] for number in between] + [after.origins]
    found = differences(CodebookSheet() if before is None else sheet_of(before), sheet_of(after), steps)
    if before is None:
        return found
    if after.published_at is None:
        return proposed(found)
    said = marks_of(db, project_id, [*between, after.number])
    return fated(marked(found, together(list(said.values()))), _fates(db, after))


def _fates(db: Session, after: Codebook) -> dict[Place, str]:
    """What became of older codings when this version was published, by the entries it changed."""
    rows = db.execute(
        select(col(Variable.key), col(Code.key), col(EntryChange.fate))
        .select_from(EntryChange)
        .join(Variable, col(Variable.id) == col(EntryChange.variable_id))
        .outerjoin(Code, col(Code.id) == col(EntryChange.code_id))
        .where(col(EntryChange.version_id) == after.version_id, col(EntryChange.fate) != "")
    )
    return {(variable, code or ""): fate for variable, code, fate in rows}


def marks_of(db: Session, project_id: int, numbers: Collection[int]) -> dict[int, Marks]:
    """What was said of each changed entry when these versions were published."""
    rows = db.execute(
        select(col(CodebookVersion.number), col(Variable.key), col(Code.key), col(EntryChange.is_semantic))
        .select_from(EntryChange)
        .join(CodebookVersion, col(CodebookVersion.id) == col(EntryChange.version_id))
        .join(Variable, col(Variable.id) == col(EntryChange.variable_id))
        .outerjoin(Code, col(Code.id) == col(EntryChange.code_id))
        .where(col(CodebookVersion.project_id) == project_id, col(CodebookVersion.number).in_(numbers))
    )
    found: dict[int, dict[tuple[str, str], bool]] = {number: {} for number in numbers}
    for number, variable, code, is_semantic in rows:
        found[number][variable, code or ""] = is_semantic
    return dict(found)

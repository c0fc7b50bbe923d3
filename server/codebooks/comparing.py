"""Two versions of a project's codebook compared, with what became of codes in all versions between."""

from sqlmodel import Session

from server.codebooks import queries
from server.codebooks.changes import Changes, differences
from server.codebooks.queries import Codebook, sheet_of
from server.codebooks.sheet import CodebookSheet


def compared(db: Session, project_id: int, before: Codebook | None, after: Codebook) -> Changes:
    """What differs; `before` None stands for the empty codebook, and `after` may be the draft."""
    origins = queries.past(db, project_id).origins
    first = 0 if before is None else before.number
    between = [number for number in sorted(origins) if first < number < after.number]
    steps = [origins[number] for number in between] + [after.origins]
    return differences(CodebookSheet() if before is None else sheet_of(before), sheet_of(after), steps)

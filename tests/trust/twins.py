"""Two furnished studies in one database, alike but for their ids: what one of them has, the other has not."""

from dataclasses import replace

from sqlalchemy import Integer, Table, select, update
from sqlmodel import Session, SQLModel, col

from server.codebooks.actions import publish_sheet
from server.codebooks.models import Code, Variable
from server.codebooks.sheet import CodebookSheet
from server.rounds.models import Round
from server.sample.codebook import CODEBOOK
from tests.browser.furnished import Furnished, furnish
from tests.browser.scenes import PARTS, routes_by_name

# Higher than all that is counted in a furnished study; what is nowhere lies above it again.
AWAY, NOWHERE = 1_000, 4_000
# Versions are counted without a gap; the twin has two more of them.
VERSIONS = {"number": "4", "earlier": "3"}
COUNTED = {"number", "position", "post", "earlier", "comment"}
NAMED = {"variable_key", "code_key"}
KEPT = {"upload_key", "question_key", "handle", "project_key"}
# What stands in addresses and belongs to no study: whoever has the link may, and admins see all accounts.
OF_NO_STUDY = {"token", "account_name", "sort", "of", "ending"}


def twins(db: Session) -> tuple[Furnished, Furnished]:
    """A study, and its twin with numbers and keys of its own."""
    one = furnish(db)
    other = furnish(db, "_of_the_other")
    lead = other.people["lead"]
    assert lead is not None
    renamed = replace(CODEBOOK.variables[0], label="Another question?")
    for first in (CODEBOOK.variables[0], renamed):
        publish_sheet(db, lead, CodebookSheet((first, *CODEBOOK.variables[1:])))
    db.flush()
    for table in SQLModel.metadata.sorted_tables:
        _move_numbers(db, table, lead.project_id)
    ours = col(Variable.project_id) == lead.project_id
    of_variables = select(col(Variable.id)).where(ours)
    db.execute(update(Code).where(col(Code.variable_id).in_(of_variables)).values(key="the_" + col(Code.key)))
    db.execute(update(Variable).where(ours).values(key="the_" + col(Variable.key)))
    db.expire_all()
    return one, other


def _move_numbers(db: Session, table: Table, project_id: int) -> None:
    """By these a row of the study is named in addresses: its number there, or its place in a queue."""
    rounds = select(col(Round.id)).where(col(Round.project_id) == project_id)
    columns = table.c
    if "project_id" in columns:
        ours = columns.project_id == project_id
    elif "round_id" in columns:
        ours = columns.round_id.in_(rounds)
    else:
        return
    name = "position" if table.name == "assignment" else "number"
    if table.name != "codebook_version" and name in columns and isinstance(columns[name].type, Integer):
        db.execute(update(table).where(ours).values({name: columns[name] + AWAY}))


def own(study: Furnished, name: str) -> dict[str, str]:
    """What stands in the address of the page `name` in the first of the twins."""
    more = {key: value.format(**study.parts) for key, value in PARTS.get(name, {}).items()}
    known = study.parts | more
    return {part: known[part] for part in routes_by_name()[name].param_convertors}


def foreign(other: Furnished, name: str, part: str) -> str:
    """What stands there in the twin."""
    mine = own(other, name)[part]
    if name.startswith("codebooks.") and part in VERSIONS:
        return VERSIONS[part]
    if part in COUNTED:
        return str(int(mine) + AWAY)
    return f"the_{mine}" if part in NAMED else mine


def absent(there: str, part: str) -> str:
    """An id that looks like the foreign one, and is nobody's."""
    if part in COUNTED:
        return str(int(there) + NOWHERE)
    return there[:-3] + ("xyx" if there.endswith("yxy") else "yxy")

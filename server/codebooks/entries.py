"""Writing what a draft says. Identities are found by their keys, made where new, and never deleted."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from server.codebooks.lineage import NO_ORIGINS, Origins
from server.codebooks.marks import Marks
from server.codebooks.models import (
    Code,
    CodebookVersion,
    CodeEntry,
    CodeOrigin,
    EntryChange,
    Variable,
    VariableCondition,
    VariableEntry,
)
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet


def delete_entries(db: Session, version: CodebookVersion) -> None:
    """Empty the draft; the identities and their keys live on."""
    db.execute(delete(CodeOrigin).where(col(CodeOrigin.version_id) == version.id))
    db.execute(delete(VariableCondition).where(col(VariableCondition.version_id) == version.id))
    db.execute(delete(CodeEntry).where(col(CodeEntry.version_id) == version.id))
    db.execute(delete(VariableEntry).where(col(VariableEntry.version_id) == version.id))


def write_entries(
    db: Session, version: CodebookVersion, sheet: CodebookSheet, origins: Origins = NO_ORIGINS
) -> None:
    """Let the draft say what `sheet` and `origins` say, and nothing else."""
    delete_entries(db, version)
    version_id = version.id
    assert version_id is not None  # noqa: S101 - a draft that was flushed has an id
    variable_ids = _variable_ids(db, version.project_id, sheet)
    code_ids = _code_ids(db, variable_ids, sheet)
    for position, variable in enumerate(sheet.variables):
        variable_id = variable_ids[variable.key]
        db.add(_variable_entry(version_id, variable_id, position, variable))
        own = {code.key: code_ids[variable_id, code.key] for code in variable.codes}
        db.add_all(
            _code_entry(version_id, variable_id, own, place, code)
            for place, code in enumerate(variable.codes)
        )
        db.add_all(_conditions(version_id, variable, variable_ids, code_ids))
    db.add_all(
        CodeOrigin(
            version_id=version_id,
            code_id=code_ids[variable_ids[each.variable], each.code],
            origin_id=code_ids[variable_ids[each.variable], each.origin],
        )
        for each in sorted(origins)
    )
    db.flush()


def write_marks(db: Session, version: CodebookVersion, marks: Marks) -> None:
    """Keep whether each entry that the version changed changed in its meaning."""
    assert version.id is not None  # noqa: S101 - it was flushed
    owned = db.exec(select(Variable).where(Variable.project_id == version.project_id))
    variables = {row.key: row.id for row in owned if row.id is not None}
    statement = select(Code).where(col(Code.variable_id).in_(variables.values()))
    codes = {(row.variable_id, row.key): row.id for row in db.exec(statement)}
    db.add_all(
        EntryChange(
            version_id=version.id,
            variable_id=variables[variable],
            code_id=codes[variables[variable], code] if code else None,
            is_semantic=is_semantic,
        )
        for (variable, code), is_semantic in sorted(marks.items())
    )
    db.flush()


def _variable_ids(db: Session, project_id: int, sheet: CodebookSheet) -> dict[str, int]:
    wanted = [variable.key for variable in sheet.variables]
    found = {row.key: row for row in db.exec(select(Variable).where(Variable.project_id == project_id))}
    new = [Variable(project_id=project_id, key=key) for key in wanted if key not in found]
    db.add_all(new)
    db.flush()
    return {key: row.id for key, row in (found | {row.key: row for row in new}).items() if row.id is not None}


def _code_ids(db: Session, variable_ids: dict[str, int], sheet: CodebookSheet) -> dict[tuple[int, str], int]:
    wanted = [
        (variable_ids[variable.key], code.key) for variable in sheet.variables for code in variable.codes
    ]
    statement = select(Code).where(col(Code.variable_id).in_(variable_ids.values()))
    found = {(row.variable_id, row.key): row for row in db.exec(statement)}
    new = [Code(variable_id=owner, key=key) for owner, key in wanted if (owner, key) not in found]
    db.add_all(new)
    db.flush()
    rows = found | {(row.variable_id, row.key): row for row in new}
    return {place: row.id for place, row in rows.items() if row.id is not None}


def _conditions(
    version_id: int,
    variable: VariableSheet,
    variable_ids: dict[str, int],
    code_ids: dict[tuple[int, str], int],
) -> list[VariableCondition]:
    """The rows of a condition. A key that no code has is the word for "nothing applies"."""
    return [
        VariableCondition(
            version_id=version_id,
            variable_id=variable_ids[variable.key],
            on_variable_id=variable_ids[on],
            code_id=code_ids.get((variable_ids[on], code)),
        )
        for on, code in sorted(variable.when)
    ]


def _variable_entry(
    version_id: int, variable_id: int, position: int, variable: VariableSheet
) -> VariableEntry:
    return VariableEntry(
        version_id=version_id,
        variable_id=variable_id,
        position=position,
        kind=variable.kind,
        label=variable.label,
        hint=variable.hint,
        is_required=variable.required,
        minimum=variable.minimum,
        maximum=variable.maximum,
    )


def _code_entry(
    version_id: int, variable_id: int, code_ids: dict[str, int], position: int, code: CodeSheet
) -> CodeEntry:
    return CodeEntry(
        version_id=version_id,
        variable_id=variable_id,
        code_id=code_ids[code.key],
        parent_id=None if code.parent_key is None else code_ids[code.parent_key],
        position=position,
        value=code.value,
        label=code.label,
        definition=code.definition,
        use_when=code.use_when,
        avoid_when=code.avoid_when,
        example=code.example,
        counter_example=code.counter_example,
    )

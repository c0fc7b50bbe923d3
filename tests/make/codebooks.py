"""Published codebooks."""

from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import Session, col, func, select

from server.codebooks.models import (
    Code,
    CodebookVersion,
    CodeEntry,
    Variable,
    VariableCondition,
    VariableEntry,
)
from server.codebooks.queries import Codebook, codebook
from server.projects.models import Project
from tests.make.rows import MOMENT, add, id_of

# variable key → (kind, codes); the codes of an ordinal variable are its numbers.
CODEBOOK: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "expression": ("multiple", ("attachment", "dependency", "quality")),
    "emotion": ("ordinal", ("0", "1", "2", "3")),
    "stance": ("single", ("against", "ambivalent", "favour")),
}


def published(
    db: Session,
    of: Project,
    variables: Mapping[str, tuple[str, tuple[str, ...]]] = CODEBOOK,
    when: Mapping[str, Sequence[tuple[str, str | None]]] | None = None,
    parents: Mapping[str, Mapping[str, str]] | None = None,
) -> Codebook:
    """A published codebook with these variables. `when`: variable → after which codes of others (or None).

    `parents`: variable → code → the code above it.
    """
    numbers = select(func.count()).where(col(CodebookVersion.project_id) == of.id)
    version = CodebookVersion(
        project_id=id_of(of), number=(db.scalar(numbers) or 0) + 1, created_at=MOMENT, published_at=MOMENT
    )
    add(db, version)
    _entries(db, version, variables)
    for key, answers in (when or {}).items():
        add(db, *(_condition(db, version, key, on, code) for on, code in answers))
    for key, above in (parents or {}).items():
        _nest(db, version, key, above)
    assert version.id is not None
    return codebook(db, version.id)


def _nest(db: Session, version: CodebookVersion, key: str, above: Mapping[str, str]) -> None:
    variable = select(Variable.id).where(Variable.project_id == version.project_id, Variable.key == key)
    codes = db.exec(select(Code).where(Code.variable_id == db.exec(variable).one())).all()
    ids = {code.key: id_of(code) for code in codes}
    entries = db.exec(select(CodeEntry).where(CodeEntry.version_id == version.id)).all()
    for entry in entries:
        for child, parent in above.items():
            if entry.code_id == ids[child]:
                entry.parent_id = ids[parent]
    add(db, *entries)


def _condition(
    db: Session, version: CodebookVersion, key: str, on: str, code: str | None
) -> VariableCondition:
    rows = db.exec(select(Variable).where(Variable.project_id == version.project_id)).all()
    ids = {row.key: id_of(row) for row in rows}
    found = select(Code.id).where(Code.variable_id == ids[on], Code.key == code)
    return VariableCondition(
        version_id=id_of(version),
        variable_id=ids[key],
        on_variable_id=ids[on],
        code_id=None if code is None else db.exec(found).one(),
    )


def _entries(
    db: Session, version: CodebookVersion, variables: Mapping[str, tuple[str, tuple[str, ...]]]
) -> None:
    """All rows of a kind at once: thousands of tests begin with a codebook."""
    identities = _variables(db, version, variables)
    codes = _codes(db, {id_of(identities[key]): codes for key, (_kind, codes) in variables.items()})
    for position, (key, (kind, _codes_of)) in enumerate(variables.items()):
        of = id_of(identities[key])
        label = key.title()
        db.add(
            VariableEntry(
                version_id=id_of(version), variable_id=of, position=position, kind=kind, label=label
            )
        )
    for key, (kind, code_keys) in variables.items():
        of = id_of(identities[key])
        for place, code in enumerate(code_keys):
            value = float(place) if kind == "ordinal" else None
            db.add(_code_entry(version, of, codes[of, code], place, value))
    db.flush()


def _variables(db: Session, version: CodebookVersion, keys: Iterable[str]) -> dict[str, Variable]:
    """The variables with these keys: those of earlier versions, and new ones."""
    rows = db.exec(select(Variable).where(Variable.project_id == version.project_id)).all()
    known = {row.key: row for row in rows}
    found = {key: known.get(key) or Variable(project_id=version.project_id, key=key) for key in keys}
    add(db, *found.values())
    return found


def _codes(db: Session, keys: Mapping[int, Sequence[str]]) -> dict[tuple[int, str], Code]:
    """The codes with these keys, by the id of their variable: those of earlier versions, and new ones."""
    rows = db.exec(select(Code).where(col(Code.variable_id).in_(keys))).all()
    known = {(row.variable_id, row.key): row for row in rows}
    wanted = [(of, key) for of, of_variable in keys.items() for key in of_variable]
    found = {(of, key): known.get((of, key)) or Code(variable_id=of, key=key) for of, key in wanted}
    add(db, *found.values())
    return found


def _code_entry(
    version: CodebookVersion, variable_id: int, of: Code, position: int, value: float | None
) -> CodeEntry:
    return CodeEntry(
        version_id=id_of(version),
        variable_id=variable_id,
        code_id=id_of(of),
        position=position,
        value=value,
        label=of.key.title(),
        definition=f"What {of.key} means.",
    )

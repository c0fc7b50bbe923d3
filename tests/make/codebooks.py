"""Published codebooks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
from tests.make.rows import MOMENT, add, id_of, put

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
    ids = _identities(db, version, {key: codes for key, (_kind, codes) in variables.items()})
    put(db, VariableEntry, _variable_entries(version, ids, variables))
    put(db, CodeEntry, _code_entries(version, ids, variables, parents or {}))
    put(db, VariableCondition, _conditions(version, ids, when or {}))
    return codebook(db, id_of(version))


@dataclass(frozen=True)
class _Identity:
    """The id of a variable, and the ids of its codes by their keys."""

    id: int
    codes: dict[str, int] = field(default_factory=dict)


_Identities = Mapping[str, _Identity]


def _identities(db: Session, version: CodebookVersion, codes: Mapping[str, Sequence[str]]) -> _Identities:
    """The variables with these keys and codes: those of earlier versions, and new ones."""
    found = _known(db, version.project_id) if version.number > 1 else {}
    keys = [key for key in codes if key not in found]
    new = put(db, Variable, ({"project_id": version.project_id, "key": key} for key in keys))
    found |= {key: _Identity(of) for key, of in zip(keys, new, strict=True)}
    missing = [(found[key], code) for key in codes for code in codes[key] if code not in found[key].codes]
    new = put(db, Code, ({"variable_id": variable.id, "key": code} for variable, code in missing))
    for (variable, code), of in zip(missing, new, strict=True):
        variable.codes[code] = of
    return found


def _known(db: Session, project_id: int) -> dict[str, _Identity]:
    variables = db.exec(select(Variable).where(Variable.project_id == project_id)).all()
    found = {id_of(row): _Identity(id_of(row)) for row in variables}
    for code in db.exec(select(Code).where(col(Code.variable_id).in_(found))):
        found[code.variable_id].codes[code.key] = id_of(code)
    return {row.key: found[id_of(row)] for row in variables}


def _variable_entries(
    version: CodebookVersion, ids: _Identities, variables: Mapping[str, tuple[str, tuple[str, ...]]]
) -> Iterator[dict[str, Any]]:
    for position, (key, (kind, _codes)) in enumerate(variables.items()):
        yield {
            "version_id": version.id,
            "variable_id": ids[key].id,
            "position": position,
            "kind": kind,
            "label": key.title(),
        }


def _code_entries(
    version: CodebookVersion,
    ids: _Identities,
    variables: Mapping[str, tuple[str, tuple[str, ...]]],
    parents: Mapping[str, Mapping[str, str]],
) -> Iterator[dict[str, Any]]:
    for key, (kind, codes) in variables.items():
        above = parents.get(key, {})
        for position, code in enumerate(codes):
            yield {
                "version_id": version.id,
                "variable_id": ids[key].id,
                "code_id": ids[key].codes[code],
                "parent_id": ids[key].codes[above[code]] if code in above else None,
                "position": position,
                "value": float(position) if kind == "ordinal" else None,
                "label": code.title(),
                "definition": f"What {code} means.",
            }


def _conditions(
    version: CodebookVersion, ids: _Identities, when: Mapping[str, Sequence[tuple[str, str | None]]]
) -> Iterator[dict[str, Any]]:
    for key, answers in when.items():
        for on, code in answers:
            yield {
                "version_id": version.id,
                "variable_id": ids[key].id,
                "on_variable_id": ids[on].id,
                "code_id": None if code is None else ids[on].codes[code],
            }

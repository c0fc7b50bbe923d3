"""What all rows of tests have: a moment, an id, a way into the database."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, SQLModel

MOMENT = datetime(2025, 8, 8, 21, 14, tzinfo=UTC)


def id_of(row: Any) -> int:
    """The id of a row that is in the database."""
    assert isinstance(row.id, int)
    return row.id


def add(db: Session, *rows: Any) -> None:
    """Put rows into the database, so that they have ids."""
    db.add_all(rows)
    db.flush()


def put(db: Session, kind: type[SQLModel], rows: Iterable[dict[str, Any]]) -> list[int]:
    """Put rows that nobody needs as objects, whose making costs more than writing them.

    Values that they leave out are what the model has them by default.

    Returns their ids, or the first column of their keys, in the order of the rows.
    """
    statement, defaults = _written(kind)
    values = [defaults | row for row in rows]
    return [*db.connection().execute(statement, values).scalars()] if values else []


@cache
def _written(kind: type[SQLModel]) -> tuple[ReturningInsert[Any], dict[str, Any]]:
    table: Table = kind.__table__  # type: ignore[attr-defined]
    optional = {name: field for name, field in kind.model_fields.items() if not field.is_required()}
    defaults = {name: field.get_default(call_default_factory=True) for name, field in optional.items()}
    defaults.pop("id", None)
    first, *_others = table.primary_key
    return insert(table).returning(first, sort_by_parameter_order=True), defaults

"""Writing many rows at once, a column at a time.

Row by row a driver sends PostgreSQL a statement for each of 300,000 rows, and SQLAlchemy makes a dictionary
of each for SQLite: more work than the database has with them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Table,
    TableValuedAlias,
    column,
    func,
    literal,
)
from sqlmodel import Session

_Values = Sequence[Any]


def insert_columns(
    db: Session, table: Table, of_each: Mapping[str, _Values], of_all: Mapping[str, Any] | None = None
) -> None:
    """Insert a row for each place in the columns `of_each`; `of_all` is the same in all of them.

    What is not named is left to the database: defaults of the models do not count here.
    """
    connection = db.connection()
    each = {name: _prepared(connection, table.c[name], values) for name, values in of_each.items()}
    every = {name: _prepared(connection, table.c[name], [value])[0] for name, value in (of_all or {}).items()}
    if connection.dialect.name == "sqlite":
        _insert_rows(connection, table, each, every)
    else:
        _insert_arrays(connection, table, each, every)


def numbers_as_rows(db: Session, numbers: NDArray[np.int64]) -> TableValuedAlias:
    """Whole numbers as a table with the column `value`, sent in one piece."""
    value = column("value", BigInteger)
    if db.connection().dialect.name == "sqlite":
        return func.json_each(json.dumps(numbers.tolist())).table_valued(value)
    return func.unnest(literal(numbers.tolist(), ARRAY(BigInteger))).table_valued(value).render_derived()


def _prepared(connection: Connection, of: Column[Any], values: _Values) -> _Values:
    """The values as the driver takes them."""
    prepare = of.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return values if prepare is None else [prepare(value) for value in values]


def _insert_rows(
    connection: Connection, table: Table, each: Mapping[str, _Values], every: Mapping[str, Any]
) -> None:
    names = ", ".join([*each, *every])
    marks = ", ".join("?" * (len(each) + len(every)))
    same = tuple(every.values())
    rows = [(*row, *same) for row in zip(*each.values(), strict=True)]
    if rows:
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608


def _insert_arrays(
    connection: Connection, table: Table, each: Mapping[str, _Values], every: Mapping[str, Any]
) -> None:
    kinds = {name: table.c[name].type.compile(connection.dialect) for name in (*each, *every)}
    arrays = ", ".join(f"CAST(%s AS {kinds[name]}[])" for name in each)
    same = "".join(f", CAST(%s AS {kinds[name]})" for name in every)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({', '.join([*each, *every])}) "  # noqa: S608
        f"SELECT {', '.join(f'new.{name}' for name in each)}{same} "
        f"FROM unnest({arrays}) WITH ORDINALITY AS new ({', '.join(each)}, place) ORDER BY place",
        (*every.values(), *(list(values) for values in each.values())),
    )

"""Statements for the path in a hurry: written as Core statements, compiled once, run on the driver itself.

SQLAlchemy spends some 70 µs around each execution, three quarters of what an annotator's request would
otherwise cost. What it knows is kept (the dialect's SQL, how values are converted both ways, which error
means what); only its machinery for each execution is left out.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]
Conversions = tuple[tuple[int, Convert], ...]
Values = Mapping[str, Any]

# How a kind of database wants statements written, and what of its connections runs them, where neither is as
# SQLAlchemy has it.
WAYS: dict[str, tuple[Dialect, Callable[[Connection], Any]]] = {}


@dataclass
class _Compiled:
    """A statement as one kind of database takes it, and how its values are converted both ways.

    The conversions stand beside the positions of the values they are for; most values need none. Those of
    `results` are known after the first execution, when the driver has told the types of the columns.
    """

    sql: str
    cursor: Callable[[Connection], Any]
    is_positional: bool
    names: tuple[str, ...]
    inward: Conversions
    constants: Values
    row: Callable[[Iterable[Any]], Any]
    returned: tuple[TypeEngine[Any], ...]
    results: Conversions | None = None

    def bound(self, values: Values) -> Any:
        """The values as the driver wants them: in the order of the marks, or by name."""
        known = {**self.constants, **values} if self.constants else values
        converted = _converted([known[name] for name in self.names], self.inward)
        return converted if self.is_positional else dict(zip(self.names, converted, strict=True))

    def read(self, found: Sequence[Any]) -> Any:
        """A row of the driver with its values converted and named."""
        return self.row(_converted(list(found), self.results) if self.results else found)


def _converted(values: list[Any], conversions: Conversions) -> list[Any]:
    for position, convert in conversions:
        values[position] = convert(values[position])
    return values


class Prepared:
    """One statement. `keys` are the columns that an `insert` fills; without `returning` it is `inline()`.

    Runs in the transaction of the connection it is given. Raises what SQLAlchemy would (`IntegrityError`,
    `OperationalError`, …). Rows have their columns as attributes.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | Insert | Update | Delete, *keys: str) -> None:
        self._statement = statement
        self._keys = keys
        self._compiled: dict[str, _Compiled] = {}

    def first(self, connection: Connection, values: Values) -> Any:
        """The first row, or None."""
        cursor, compiled = self._executed(connection, values)
        try:
            found = cursor.fetchone()
        finally:
            cursor.close()
        return None if found is None else compiled.read(found)

    def all(self, connection: Connection, values: Values) -> list[Any]:
        """Every row."""
        cursor, compiled = self._executed(connection, values)
        try:
            found = cursor.fetchall()
        finally:
            cursor.close()
        return [compiled.read(row) for row in found]

    def run(self, connection: Connection, values: Values) -> int:
        """Execute it; returns how many rows it touched."""
        cursor, _compiled = self._executed(connection, values)
        n_rows = int(cursor.rowcount)
        cursor.close()
        return n_rows

    def send(self, connection: Connection, *rows: Values) -> None:
        """Execute it for each of these rows, where nobody waits for the answer.

        PostgreSQL gets it with the next statement of the transaction, or with its commit; what it refuses is
        raised then.
        """
        compiled = self._compile(connection.dialect)
        cursor = compiled.cursor(connection)
        try:
            cursor.executemany(compiled.sql, [compiled.bound(values) for values in rows])
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_says(connection.dialect, compiled.sql, error) from error
        finally:
            cursor.close()

    def _executed(self, connection: Connection, values: Values) -> tuple[DBAPICursor, _Compiled]:
        compiled = self._compile(connection.dialect)
        cursor = compiled.cursor(connection)
        try:
            cursor.execute(compiled.sql, compiled.bound(values))
        except connection.dialect.loaded_dbapi.Error as error:
            cursor.close()
            raise _as_sqlalchemy_says(connection.dialect, compiled.sql, error) from error
        if compiled.results is None:
            compiled.results = _outward(compiled.returned, connection.dialect, cursor)
        return cursor, compiled

    def _compile(self, dialect: Dialect) -> _Compiled:
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = self._compiled_for(dialect)
        return known

    def _compiled_for(self, dialect: Dialect) -> _Compiled:
        written, cursor = WAYS.get(dialect.name, (dialect, _cursor))
        made = self._statement.compile(dialect=written, column_keys=self._keys or None)
        marks = {name: mark for mark, name in made.bind_names.items()}
        names = tuple(made.positiontup or ()) if made.positional else tuple(marks)
        returned = list(self._statement.exported_columns)
        return _Compiled(
            str(made),
            cursor,
            made.positional,
            names,
            _needed(_inward(marks[name].type, dialect) for name in names),
            {name: value for name, value in made.params.items() if not marks[name].required},
            _row_of([str(column.key) for column in returned]),
            tuple(column.type for column in returned),
        )


def _cursor(connection: Connection) -> DBAPICursor:
    """The driver's own, without the pool around it: the pool has nothing to add."""
    driver: Any = connection.connection.dbapi_connection
    cursor: DBAPICursor = driver.cursor()
    return cursor


def _row_of(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    """What makes a named row of values."""
    row: Any = namedtuple("Row", names)  # type: ignore[misc]
    made: Callable[[Iterable[Any]], Any] = row._make
    return made


def _inward(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _outward(returned: Iterable[TypeEngine[Any]], dialect: Dialect, cursor: DBAPICursor) -> Conversions:
    told = [column[1] for column in cursor.description or ()]
    pairs = zip(returned, told, strict=True)
    return _needed(type_.dialect_impl(dialect).result_processor(dialect, code) for type_, code in pairs)


def _needed(conversions: Iterable[Convert | None]) -> Conversions:
    """The positions that have a conversion, each with it."""
    return tuple((position, convert) for position, convert in enumerate(conversions) if convert)


def _as_sqlalchemy_says(dialect: Dialect, sql: str, error: Exception) -> DBAPIError:
    """The driver's error as the rest of the program expects it; without the values, which may be texts."""
    said = DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, dialect=dialect)
    return cast(DBAPIError, said)

"""Every row of one database into another, empty one, of either kind, counted and compared on both sides."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, delete, func, insert, inspect, select, text
from sqlalchemy.schema import AddConstraint, DropConstraint, ForeignKeyConstraint
from sqlmodel import SQLModel

from server.errors import Refusal
from server.history.models import HistoryHead
from server.keeping.digests import Digest, Summing
from server.language import gettext as _

# Of tables whose rows may have a megabyte, a few.
_AT_ONCE, _FEW = 2_000, 8
Digests = dict[str, Digest]


def tables() -> Sequence[Table]:
    """All tables there are, by name."""
    return sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name)


def digests(connection: Connection) -> Digests:
    """What every table holds."""
    found = {}
    for table in tables():
        sum_ = Summing()
        for rows in _blocks(connection, table):
            sum_.add(rows)
        found[table.name] = sum_.digest
    return found


def copy_rows(source: Connection, target: Connection) -> Digests:
    """Copy every row of every table; returns what was read.

    `target` has the same schema without rows and a transaction that the caller commits. References between
    tables are checked at the end, since tables refer to one another in a circle.

    Raises:
        Refusal: the target holds rows already, or does not hold what was read when all is done.
    """
    refuse_filled(target)
    target.execute(delete(HistoryHead))
    with _references_unchecked(target):
        read = {table.name: _copy(source, target, table) for table in tables()}
    if target.dialect.name == "postgresql":
        _count_on(target)
    if digests(target) != read:
        raise Refusal(_("What was written is not what was read. Nothing was kept."))
    return read


def _copy(source: Connection, target: Connection, table: Table) -> Digest:
    sum_, names = Summing(), [column.name for column in table.columns]
    for rows in _blocks(source, table):
        sum_.add(rows)
        target.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
    return sum_.digest


def _blocks(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """The rows of a table some thousand at a time, by its key: the same on every database."""
    statement = select(table).order_by(*table.primary_key.columns)
    is_large = any(isinstance(column.type, LargeBinary) for column in table.columns)
    at_once = _FEW if is_large else _AT_ONCE
    # Of the statement, since what a connection is told stays with it.
    streaming = {"stream_results": True, "max_row_buffer": at_once}
    yield from connection.execute(statement, execution_options=streaming).partitions(at_once)


def refuse_filled(target: Connection) -> None:
    """`Refusal` unless a database holds nothing yet."""
    # A new database begins with the head of the server's own history, and nothing else.
    for table in tables():
        if table.name != "history_head" and target.execute(select(table).limit(1)).first() is not None:
            message = _("The database that should be written to is not empty: it has rows in “{table}”.")
            raise Refusal(message.format(table=table.name))


@contextmanager
def _references_unchecked(target: Connection) -> Iterator[None]:
    """References are taken away meanwhile and put back, which checks every row."""
    if target.dialect.name == "sqlite":
        yield  # Whoever opened it has switched them off, which is not possible within a transaction.
        if target.execute(text("PRAGMA foreign_key_check")).first():
            raise Refusal(_("Some rows refer to rows that are not there. Nothing was kept."))
        return
    references = list(_references())
    for constraint in references:
        target.execute(DropConstraint(constraint))
    yield
    for constraint in references:
        target.execute(AddConstraint(constraint))


def _references() -> Iterator[ForeignKeyConstraint]:
    for table in tables():
        yield from sorted(table.foreign_key_constraints, key=lambda one: str(one.name))


def _count_on(target: Connection) -> None:
    """The next row gets the next number: PostgreSQL does not look at those that came with rows."""
    for table in tables():
        for column in inspect(table).primary_key:
            sequence = target.scalar(
                text("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": f'"{table.name}"', "column": column.name},
            )
            if sequence:
                newest = target.scalar(select(func.max(column)))
                target.execute(
                    text("SELECT setval(CAST(:sequence AS regclass), :next, false)"),
                    {"sequence": sequence, "next": (newest or 0) + 1},
                )

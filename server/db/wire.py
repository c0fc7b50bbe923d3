"""PostgreSQL's prepared statements on libpq itself, without a cursor of the driver around each.

A cursor of psycopg's is made for every statement, and waits for the answer in Python: a statement costs four
times the processor time of libpq's own call. What psycopg knows is kept: how values are written and read,
and which error means what.
"""

import select
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from time import monotonic
from typing import Any, cast

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import Connection, PoolProxiedConnection
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

Driver = psycopg.Connection[Any]

# As psycopg's dialect, with the marks that the server itself knows.
AS_WIRED = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

# The attribute of the driver's connection that holds its wire.
_WIRE = "wire"
# A statement's name on the server, with its values as they are written.
_Asked = tuple[bytes, Sequence[Any]]
# A statement that somebody dropped, or whose columns have other types since a migration.
_OUTDATED = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)
_DONE = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY)
_COMMIT = b"COMMIT"


class Wire:
    """One connection, used as a cursor that is never used up: what is asked next replaces the answer.

    Every statement stays prepared on the server under a name of its own. Whoever waits for an answer holds
    up no other thread. What nobody waits for goes along with what is asked next, or with the commit.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._pgconn = driver.pgconn
        self._transformer = Transformer.from_context(driver)
        self._names: dict[str, bytes] = {}
        self._unused = count()
        self._answer: PGresult | None = None
        self._unsent: list[_Asked] = []
        # When it was asked and has answered last: for who wonders whether the server is still there.
        self.asked_at = self.heard_at = monotonic()

    def execute(self, sql: str, values: Sequence[Any]) -> None:
        """Run a statement whose marks are `$1`, `$2`, …, within a transaction, which begins if none has."""
        self.asked_at = monotonic()
        asked = self.written(sql, values)
        is_alone = not (self._unsent or self._begins)
        self._answer = self._well(self._pgconn.exec_prepared(*asked)) if is_alone else self._together(asked)

    def executemany(self, sql: str, rows: Collection[Sequence[Any]]) -> None:
        """Let it be run for each of these rows before anything else is; what it fails with is raised then."""
        self._unsent += [self.written(sql, values) for values in rows]

    @property
    def has_unsent(self) -> bool:
        """Whether something waits to go along with the next statement."""
        return bool(self._unsent)

    def send(self) -> None:
        """Run what still waits to go along with something, before the driver itself runs a statement."""
        self.asked_at = monotonic()
        if self._unsent:
            self._together()

    def conclude(self) -> None:
        """Commit what has begun. Raises where the server rolled back instead, as it does after an error."""
        self.asked_at = monotonic()
        if self._unsent:
            answer = self._together(_COMMIT)
        elif self._pgconn.transaction_status != TransactionStatus.IDLE:
            answer = self._well(self._pgconn.exec_(_COMMIT))
        else:
            return
        if answer.command_status != _COMMIT:
            raise psycopg.errors.InFailedSqlTransaction("the transaction had failed and was rolled back")

    def roll_back(self) -> None:
        """Undo what has begun. The server does so itself where the connection is lost."""
        self.asked_at = monotonic()
        self._unsent.clear()
        if self._pgconn.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
            self._well(self._pgconn.exec_(b"ROLLBACK"))

    def answers(self) -> bool:
        """Whether the server still answers on this connection."""
        self.asked_at = monotonic()
        try:
            return self._well(self._pgconn.exec_(b"")).status == ExecStatus.EMPTY_QUERY
        except psycopg.Error:
            return False

    @property
    def rowcount(self) -> int:
        """How many rows were touched."""
        return self._given.command_tuples or 0

    @property
    def description(self) -> list[tuple[None, int]]:
        """The kinds of the answer's columns, each in the second place, as a driver tells them."""
        return [(None, self._given.ftype(column)) for column in range(self._given.nfields)]

    def fetchone(self) -> tuple[Any, ...] | None:
        """The first row, or None."""
        rows = self._rows(min(1, self._given.ntuples))
        return rows[0] if rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Every row."""
        return self._rows(self._given.ntuples)

    def close(self) -> None:
        """Let go of the answer."""
        self._answer = None

    @property
    def _given(self) -> PGresult:
        return cast(PGresult, self._answer)

    def _rows(self, n_rows: int) -> list[tuple[Any, ...]]:
        self._transformer.set_pgresult(self._answer)
        return self._transformer.load_rows(0, n_rows, tuple)

    @property
    def _begins(self) -> bool:
        """Whether a transaction has to begin first."""
        return self._pgconn.transaction_status == TransactionStatus.IDLE and not self._driver.autocommit

    def _together(self, asked: _Asked | bytes | None = None) -> PGresult:
        """Begin where nothing has, run what waits, and then this: in one journey. Returns the last answer."""
        connection, waited = self._pgconn, self._unsent
        begins, self._unsent = self._begins, []
        connection.enter_pipeline_mode()
        try:
            if begins:
                connection.send_query_params(_beginning(self._driver), None)
            for each in waited:
                connection.send_query_prepared(*each)
            if isinstance(asked, bytes):
                connection.send_query_params(asked, None)
            elif asked:
                connection.send_query_prepared(*asked)
            connection.pipeline_sync()
            return [self._well(answer) for answer in list(_answers(connection))][-1]
        finally:
            connection.exit_pipeline_mode()

    def written(self, sql: str, values: Sequence[Any]) -> _Asked:
        """A statement as the server takes it, which has it prepared from then on."""
        name = self._names.get(sql) or self._prepared(sql)
        return name, self._transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _prepared(self, sql: str) -> bytes:
        """The kinds of the values are left to the server: SQLAlchemy writes them where they are not clear."""
        self.asked_at = monotonic()
        name = f"intercoder_{next(self._unused)}".encode()
        self._well(self._pgconn.prepare(name, sql.encode()))
        self._names[sql] = name
        return name

    def _well(self, answer: PGresult) -> PGresult:
        """The answer, where it is none of an error."""
        if answer.status in _DONE:
            self.heard_at = monotonic()
            return answer
        if not answer.error_field(DiagnosticField.SQLSTATE):  # The server did not say it: it is out of reach.
            raise psycopg.OperationalError(answer.get_error_message())
        self.heard_at = monotonic()
        error = error_from_result(answer)
        if isinstance(error, _OUTDATED):
            self._names.clear()  # Prepared anew from now on.
        raise error


def wire_of(connection: Connection) -> Wire:
    """The wire of a connection."""
    return wire_below(connection.connection)


def wire_below(pooled: PoolProxiedConnection) -> Wire:
    """The wire of the driver's connection that SQLAlchemy's stands for."""
    return wire_on(cast(Driver, pooled.dbapi_connection))


def wire_on(driver: Driver) -> Wire:
    """The wire that the driver's connection keeps."""
    wire: Wire | None = getattr(driver, _WIRE, None)
    if wire is None:
        wire = Wire(driver)
        setattr(driver, _WIRE, wire)
    return wire


def _beginning(driver: Driver) -> bytes:
    """How the driver would begin a transaction."""
    level = driver.isolation_level
    isolation = f" ISOLATION LEVEL {level.name.replace('_', ' ')}" if level else ""
    return f"BEGIN{isolation}{' READ ONLY' if driver.read_only else ''}".encode()


def _answers(connection: PGconn) -> Iterator[PGresult]:
    """The answers to what was sent together, when all of it was sent. Waiting holds up no other thread."""
    while connection.flush():
        _wait(connection, select.POLLIN | select.POLLOUT)
    while True:
        while connection.is_busy():
            _wait(connection, select.POLLIN)
        answer = connection.get_result()
        if answer is None and connection.status == ConnStatus.BAD:
            raise psycopg.OperationalError(connection.get_error_message())
        if answer is not None and answer.status == ExecStatus.PIPELINE_SYNC:
            return
        if answer is not None:
            yield answer


def _wait(connection: PGconn, events: int) -> None:
    """Until the server takes or gives something."""
    watched = select.poll()
    watched.register(connection.socket, events)
    watched.poll()
    connection.consume_input()

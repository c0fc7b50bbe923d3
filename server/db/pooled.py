"""PostgreSQL's connections, kept with their sessions: one pool for those who read and those who write."""

import select
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from threading import Semaphore
from time import monotonic
from typing import Any, cast

from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from server.db.memory import Memory
from server.db.prepared import WAYS
from server.db.reaching import reaching
from server.db.sessions import DiscreetSession, let_go, session_on
from server.db.silence import Silence
from server.db.wire import AS_WIRED, Driver, wire_below, wire_of, wire_on

# What stands between the two may forget a connection that rested for minutes.
RESTS_SECONDS = 10.0
# People wait for what is said here; a command, which nobody else waits for, has more patience.
_TAKEN_SECONDS = 10


@dataclass
class _Kept:
    """A connection with its session, and when it was given back."""

    connection: Connection
    session: DiscreetSession
    driver: Driver
    news: select.poll = field(default_factory=select.poll)
    rests_since: float = 0.0
    reads_only: bool = False

    def __post_init__(self) -> None:
        """Watch what the server says unasked: nothing but its end, as a rule."""
        self.news.register(self.driver.pgconn.socket, select.POLLIN)

    def lives(self) -> bool:
        """Whether the server still answers. Asks it only where there is a reason to doubt that."""
        if not self.news.poll(0) and monotonic() - self.rests_since < RESTS_SECONDS:
            return True
        return wire_on(self.driver).answers()

    def turn(self, *, reads_only: bool) -> None:
        """How its transactions begin from now on."""
        if self.reads_only != reads_only:
            self.driver.read_only = True if reads_only else None
            self.driver.isolation_level = IsolationLevel.REPEATABLE_READ if reads_only else None
            self.reads_only = reads_only

    def close(self) -> None:
        """Close it, whatever has become of it."""
        self.connection.invalidate()
        self.connection.close()


class Connections:
    """At most `most` connections. The one that was used last in the same way is given out first.

    A transaction begins with its first statement. Whether one is alive is known without asking it in most
    cases: a server that ends a connection says so, and that is looked for before it is given out.
    """

    def __init__(self, engine: Engine, memory: Memory, most: int, wait_seconds: float) -> None:
        self._engine = engine
        self._memory = memory
        self._wait_seconds = wait_seconds
        self._room = Semaphore(most)
        self._free: dict[bool, deque[_Kept]] = {True: deque(), False: deque()}

    @contextmanager
    def session(self, *, reads_only: bool) -> Iterator[Session]:
        """A session as clean as a new one. `TimeoutError` of SQLAlchemy where none gets free in time."""
        if not self._room.acquire(timeout=self._wait_seconds):
            raise PoolTimeoutError("every connection is in use")
        try:
            kept = self._taken(reads_only)
            try:
                kept.turn(reads_only=reads_only)
                kept.session.begun()
                kept.connection.begin()
                yield kept.session
            finally:
                self._give_back(kept)
        finally:
            self._room.release()

    def _taken(self, reads_only: bool) -> _Kept:
        for free in (self._free[reads_only], self._free[not reads_only]):
            while kept := _popped(free):
                if kept.lives():
                    return kept
                kept.close()
        connection = self._engine.connect()
        driver = cast(Driver, connection.connection.dbapi_connection)
        return _Kept(connection, session_on(connection, self._memory), driver)

    def _give_back(self, kept: _Kept) -> None:
        """Ready for the next one; what cannot be made ready is closed instead of kept.

        That a connection is lost now is nobody's trouble: what it was used for is over, and stored or not.
        """
        try:
            let_go(kept.session)
            kept.connection.rollback()
        except DBAPIError:
            kept.close()
            return
        except BaseException:
            kept.close()
            raise
        is_idle = kept.driver.pgconn.transaction_status == TransactionStatus.IDLE
        if not is_idle or wire_of(kept.connection).has_unsent:
            kept.close()
            return
        kept.rests_since = monotonic()
        self._free[kept.reads_only].append(kept)

    def dispose(self) -> None:
        """Close every connection that nobody uses."""
        for free in self._free.values():
            while free:
                free.pop().close()
        self._engine.dispose()


class PooledSessions:
    """The pool as it is for those who read, or for those who write."""

    def __init__(self, connections: Connections, *, reads_only: bool) -> None:
        self._connections = connections
        self._reads_only = reads_only

    def session(self) -> AbstractContextManager[Session]:
        """A session in its transaction, rolled back if nobody commits."""
        return self._connections.session(reads_only=self._reads_only)

    def dispose(self) -> None:
        """Close every connection that nobody uses."""
        self._connections.dispose()


def silence_of(engine: Engine) -> Silence:
    """Who looks after the connections that this engine makes from now on."""
    silence = Silence()
    event.listen(engine, "connect", lambda driver, _record: silence.add(driver))
    return silence


def postgres_engine(url: str, wait_seconds: float) -> Engine:
    """An engine whose transactions end as `server.db.wire` says, and which waits so long for a lock."""
    WAYS["postgresql"] = AS_WIRED, wire_of
    engine = create_engine(
        url,
        poolclass=NullPool,  # `Connections` keeps them.
        hide_parameters=True,  # What people wrote does not belong into a log.
        connect_args={
            **reaching(url, f"-c lock_timeout={int(1_000 * wait_seconds)}", taken_within=_TAKEN_SECONDS),
            # The driver forgets what it prepared, and what `server.db.wire` did, whenever it rolls back.
            "prepare_threshold": None,
        },
    )
    dialect: Any = engine.dialect
    dialect.do_commit = lambda pooled: wire_below(pooled).conclude()
    dialect.do_rollback = lambda pooled: wire_below(pooled).roll_back()
    dialect.do_execute = _in_order(dialect.do_execute)
    dialect.do_executemany = _in_order(dialect.do_executemany)
    return engine


def _in_order(execute: Callable[..., None]) -> Callable[..., None]:
    """What executes a statement of SQLAlchemy's, after what waits to go along with something."""

    def run(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        wire = wire_of(context.root_connection)
        wire.send()
        execute(cursor, statement, parameters, context)
        wire.heard_at = monotonic()

    return run


def _popped(free: deque[_Kept]) -> _Kept | None:
    try:
        return free.pop()
    except IndexError:  # Another thread may have taken the last one since anybody looked.
        return None

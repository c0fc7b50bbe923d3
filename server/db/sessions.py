"""Where sessions come from: they are kept, each with its connection.

A session of ours works on a connection whose transaction has begun; it is rolled back if nobody commits.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Select
from sqlmodel import Session

from server.db.memory import Memory

# In what a session knows: options of statements, which leave out what is not to be read for now.
LEFT_OUT = "left out"
# And how often all that is kept in memory had been forgotten when its transaction began.
N_CLEARED = "n cleared"


class DiscreetSession(Session):
    """A session whose statements leave out what was not to be read when its transaction began."""

    def begun(self) -> "DiscreetSession":
        """The session at the beginning of a transaction."""
        memory: Memory = self.info["memory"]
        self.info[LEFT_OUT], self.info[N_CLEARED] = memory.left_out, memory.n_cleared
        return self

    def _discreet(self, statement: Any) -> Any:
        options = self.info[LEFT_OUT]
        return statement.options(*options) if options and isinstance(statement, Select) else statement

    def exec(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As in the base class."""
        return super().exec(self._discreet(statement), *args, **options)

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As in the base class."""
        return super().execute(self._discreet(statement), *args, **options)

    def scalar(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As in the base class."""
        return super().scalar(self._discreet(statement), *args, **options)

    def scalars(self, statement: Any, *args: Any, **options: Any) -> Any:
        """As in the base class."""
        return super().scalars(self._discreet(statement), *args, **options)


class Sessions(Protocol):
    """What a database takes its sessions from."""

    def session(self) -> Any:
        """A context manager that gives a session in its transaction."""

    def dispose(self) -> None:
        """Close every connection."""


def session_on(connection: Connection, memory: Memory) -> DiscreetSession:
    """A session that works on this connection, in the connection's transaction."""
    return DiscreetSession(connection, expire_on_commit=False, info={"memory": memory})


def let_go(session: Session) -> None:
    """Let go of a session's objects: none of them may reach for the connection later."""
    if session.in_transaction() or len(session.identity_map):
        session.close()


class KeptSessions:
    """SQLite's sessions, each on a connection of its own: as many as threads ever ask for one at once.

    An open file does not go stale, and making a connection and a session ready costs as much
    as an annotator's statements. The one that was used last is given out first: the pages it has read are
    still in memory.
    """

    def __init__(self, engine: Engine, memory: Memory) -> None:
        self._engine = engine
        self._memory = memory
        self._free: deque[tuple[Connection, DiscreetSession]] = deque()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A kept session as clean as a new one."""
        connection, session = self._taken()
        try:
            session.begun()
            connection.begin()
            yield session
        finally:
            self._give_back(connection, session)

    def _taken(self) -> tuple[Connection, DiscreetSession]:
        try:
            return self._free.pop()
        except IndexError:
            connection = self._engine.connect()
            return connection, session_on(connection, self._memory)

    def _give_back(self, connection: Connection, session: DiscreetSession) -> None:
        """Ready for the next one; what cannot be made ready is closed instead of kept."""
        try:
            let_go(session)
            connection.rollback()
            _end_what_failed_to_commit(connection)
        except BaseException:
            connection.close()
            raise
        self._free.append((connection, session))

    def dispose(self) -> None:
        """Close every connection that nobody uses."""
        while self._free:
            connection, _session = self._free.pop()
            connection.close()
        self._engine.dispose()


def _end_what_failed_to_commit(connection: Connection) -> None:
    """A full disk: SQLite refuses the commit and keeps the transaction, and SQLAlchemy forgets it."""
    driver: Any = connection.connection.dbapi_connection
    if driver.in_transaction:
        driver.rollback()

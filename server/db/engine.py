"""Connections: a single fair writer and kept readers on SQLite, one pool on PostgreSQL."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, NullPool, PoolProxiedConnection, create_engine, event, make_url
from sqlmodel import Session

from server.db.groups import IN_GROUP, Group, joined, savepoint, undo
from server.db.memory import Memory
from server.db.sessions import KeptSessions, Sessions
from server.db.trouble import trouble_said
from server.db.turnstile import Turnstile
from server.deferred import pooled

WAIT_SECONDS = 5.0
READING_PRAGMAS = ("foreign_keys=ON", "busy_timeout=5000", "query_only=ON", "cache_size=-65536")
WRITING_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "secure_delete=ON",
    "cache_size=-65536",
)


class Database:
    """The sessions of one database.

    `memory` holds what never changes once it is written (published codebooks), and what was worked out of
    the rest. Sessions carry it in `session.info["memory"]`.
    """

    def __init__(self, url: str, threads: int = 16) -> None:
        self.url = url
        self.memory = Memory()
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._groups: WeakKeyDictionary[AbstractEventLoop, Group] = WeakKeyDictionary()
        if self.is_sqlite:
            self._engine = _sqlite_engine(url, WRITING_PRAGMAS, "BEGIN IMMEDIATE")
            readers = _sqlite_engine(url, READING_PRAGMAS, "BEGIN")
            self._readers: Sessions = KeptSessions(readers, self.memory)
            self._writers: Sessions = KeptSessions(self._engine, self.memory)
            self._turnstile: Turnstile | None = Turnstile()
            self._watch: Callable[[], AbstractContextManager[None]] = nullcontext
        else:
            self._engine = pooled.postgres_engine(url, WAIT_SECONDS)
            self._watch = pooled.silence_of(self._engine).looked_after
            connections = pooled.Connections(self._engine, self.memory, threads, WAIT_SECONDS)
            self._readers = pooled.PooledSessions(connections, reads_only=True)
            self._writers = pooled.PooledSessions(connections, reads_only=False)
            self._turnstile = None

    @property
    def engine(self) -> Engine:
        """The engine that may write: for migrations and checks."""
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and leaves it as it is."""
        with trouble_said(writes=False), self._readers.session() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed at the end of the block, or not at all.

        Within a group they are committed with the group's.
        """
        shared = joined()
        if shared is not None:
            with trouble_said(writes=True), savepoint(shared) as session:
                yield session
            return
        with self._turn(), trouble_said(writes=True), self._writers.session() as session:
            yield session
            if session.in_transaction():
                session.commit()  # Writes what the session still holds; the connection commits it.
            connection_of(session).commit()

    def watched(self) -> AbstractContextManager[None]:
        """While the block runs nobody waits for ever for a PostgreSQL that says nothing any more."""
        return self._watch()

    def group(self, loop: AbstractEventLoop) -> Group:
        """Those who write together on SQLite, of one event loop: see `server.db.groups`."""
        if loop not in self._groups:
            self._groups[loop] = Group(self.writing)
        return self._groups[loop]

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A connection without a transaction, while on SQLite nobody else writes."""
        with self._turn(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._turnstile is None:
            yield
            return
        self._turnstile.enter(WAIT_SECONDS)
        try:
            yield
        finally:
            self._turnstile.leave()

    def dispose(self) -> None:
        """Close every connection."""
        self._readers.dispose()
        self._writers.dispose()


def connection_of(session: Session) -> Connection:
    """The connection of a session of ours, for prepared statements.

    `Session.connection()` gives the same one, after forty microseconds of looking for it.
    """
    return cast(Connection, session.get_bind())


def take_back(session: Session) -> None:
    """Undo what was done in the transaction of a session of ours; the block it stands in then ends well."""
    if session.info.get(IN_GROUP):
        undo(session)
        return
    session.rollback()
    connection_of(session).rollback()


def _sqlite_engine(url: str, pragmas: tuple[str, ...], begin: str) -> Engine:
    engine = create_engine(
        url,
        poolclass=NullPool,  # `KeptSessions` keeps the connections.
        connect_args={"check_same_thread": False},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        # The driver's own transaction handling breaks savepoints and begins too late.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    def _begin(dbapi_connection: PoolProxiedConnection) -> None:
        dbapi_connection.cursor().execute(begin)

    # Not an event: one listener on the engine makes every statement look for listeners.
    engine.dialect.do_begin = _begin  # type: ignore[method-assign]

    return engine

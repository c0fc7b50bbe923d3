"""Several writers in one transaction: each in a savepoint of its own, all committed together.

What an annotator's submission costs SQLite is mostly waiting for the disk, and two changes of threads.
Those that arrive while the disk is at work are therefore worked on one after another by the event loop,
and their changes are written in one go. Nobody is answered before that: who is told that something is
saved was saved, and where the disk refuses, all of the group are told that nothing is.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlmodel import Session

from server.db.trouble import Trouble, in_words

IN_GROUP = "in_group"
MOST_AT_ONCE = 32
_SAVEPOINT = "member"

Writing = Callable[[], AbstractContextManager[Session]]


@dataclass
class _Waiting:
    """One who waits: what they want done, as whom, and where they wait for it."""

    call: Callable[[], Any]
    context: Context
    answer: asyncio.Future[Any]


class Group:
    """The writers of one event loop. `writing` opens the database's own writing transaction."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._waiting: deque[_Waiting] = deque()
        # A thread of its own: the page threads may all stand in the queue that this group is at the head of.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="group")
        self._work: asyncio.Task[None] | None = None

    async def run(self, call: Callable[[], Any]) -> Any:
        """What `call` gives, once that is on the disk. What it asks of the database joins the group.

        Raises what it raises, or what the commit does.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(call, copy_context(), loop.create_future())
        self._waiting.append(waiting)
        if self._work is None:
            self._work = loop.create_task(self._all())
        return await waiting.answer

    async def _all(self) -> None:
        """Group after group, until nobody waits."""
        try:
            while self._waiting:
                await self._one()
        finally:
            self._work = None

    async def _one(self) -> None:
        """Whoever waits alone goes alone, which is one change of threads; several go together."""
        if len(self._waiting) == 1:
            member = self._waiting.popleft()
            outcome = await self._in_thread(_alone, member)
            outcome.tell(member.answer)
        else:
            await self._together()

    async def _together(self) -> None:
        """A turn at the database, the page of each of those that wait by then, one commit."""
        group = self._writing()
        try:
            session = await self._in_thread(group.__enter__)
        except Exception as busy:
            _refuse(self._taken(), busy)
            return
        members = self._taken()
        outcomes = [_in_group(member, session) for member in members]
        if failure := await self._failure_to_commit(group, session):
            _refuse(members, failure)  # Nobody of the group was saved, and all are told.
            return
        for member, outcome in zip(members, outcomes, strict=True):
            outcome.tell(member.answer)

    async def _failure_to_commit(
        self, group: AbstractContextManager[Session], session: Session
    ) -> Exception | None:
        """What kept the group's changes from the disk; None where they are there."""
        lost = None if _driver(session).in_transaction else in_words(Trouble.BUSY)
        try:
            await self._in_thread(group.__exit__, lost and type(lost), lost, None)
        except Exception as failure:
            return failure
        return lost

    async def _in_thread(self, call: Callable[..., Any], *values: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *values)

    def _taken(self) -> list[_Waiting]:
        """Those whose turn it is, first come first."""
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]


@dataclass(frozen=True)
class _Outcome:
    """What one member's page gave, or raised."""

    value: Any = None
    error: BaseException | None = None

    def tell(self, answer: "asyncio.Future[Any]") -> None:
        """Let whoever waits go on; nobody does where the connection was cut meanwhile."""
        if answer.done():
            return
        if self.error is None:
            answer.set_result(self.value)
        else:
            answer.set_exception(self.error)


_session: ContextVar[Session | None] = ContextVar("session of the group", default=None)


def _alone(member: _Waiting) -> _Outcome:
    """The member's page, in a transaction of its own."""
    return _outcome_of(partial(member.context.run, member.call))


def _in_group(member: _Waiting, session: Session) -> _Outcome:
    """The member's page, in the group's transaction."""
    return _outcome_of(partial(member.context.run, _within, session, member.call))


def _outcome_of(call: Callable[[], Any]) -> _Outcome:
    try:
        return _Outcome(call())
    except Exception as error:
        return _Outcome(error=error)


def _refuse(members: Iterable[_Waiting], reason: Exception) -> None:
    for member in members:
        _Outcome(error=reason).tell(member.answer)


def _within(session: Session, call: Callable[[], Any]) -> Any:
    mark = _session.set(session)
    try:
        return call()
    finally:
        _session.reset(mark)


def joined() -> Session | None:
    """The session of the group that this code runs in; None where it runs alone."""
    return _session.get()


@contextmanager
def savepoint(session: Session) -> Iterator[Session]:
    """The group's session as one member has it: what it changes stands or falls by itself.

    Raises `Busy` where an error of the disk has ended the group's transaction before its time.
    """
    if not _driver(session).in_transaction:
        raise in_words(Trouble.BUSY)
    _say(session, f"SAVEPOINT {_SAVEPOINT}")
    session.info[IN_GROUP] = True
    try:
        yield session
        if session.in_transaction():
            session.flush()
    except BaseException:
        undo(session)
        raise
    finally:
        session.info[IN_GROUP] = False
        _let_go(session)
        _say(session, f"RELEASE {_SAVEPOINT}")


def undo(session: Session) -> None:
    """Take back what this member changed, and nothing of the others."""
    _let_go(session)
    _say(session, f"ROLLBACK TO {_SAVEPOINT}")


def _let_go(session: Session) -> None:
    """The next member meets none of this one's objects."""
    if session.in_transaction() or len(session.identity_map):
        session.close()


def _say(session: Session, sql: str) -> None:
    _driver(session).execute(sql)


def _driver(session: Session) -> Any:
    connection: Any = session.get_bind()
    return connection.connection.dbapi_connection

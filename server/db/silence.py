"""A PostgreSQL that says nothing any more: who waits for it is told so, instead of waiting for ever.

The system's own bounds (`server.db.reaching`) end a connection to a machine that is gone. They do not where
something between the two still takes what is sent, or where the machine lives and the database hangs. A bound
on statements would end those that rightly take minutes. So whoever waits long makes the server open one more
connection. A database that greets it, or says why it does not, or answers on any other connection meanwhile,
is slow, and is waited for; one that does none of this is silent, and every connection that waits for it or
rests is cut. What waited fails then as with a database that is out of reach.
"""

import errno
import logging
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from server.db.wire import Driver, wire_on

log = logging.getLogger("intercoder")
# So long an answer may take before anybody asks whether the database is there.
DOUBT_SECONDS = 3.0
# And so long it may take to greet that: as long as a new connection may.
ANSWER_SECONDS = 5
_LOOKED_EVERY = 1.0
# Those in use between two statements are left alone: the database may be back when they need it.
_NEED_IT = (TransactionStatus.ACTIVE, TransactionStatus.IDLE)
# What refuses a connection is there: libpq puts two spaces behind the kind of an error that the server said,
# in whatever language ("FATAL:  "), and has a certificate to doubt only where one was sent. A machine where
# nobody listens says so, and ends what waits there by itself. One that cannot be found says nothing.
_SPOKE = re.compile(rf"\w:  |certificate|{re.escape(os.strerror(errno.ECONNREFUSED))}")


class Silence:
    """The connections of a server, looked after."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._drivers: list[Driver] = []

    def add(self, driver: Driver) -> None:
        """Look after this new connection, too, until it is closed."""
        wire_on(driver)  # Made here, where nobody else can be making it.
        with self._guard:
            self._drivers = [*(each for each in self._drivers if not each.closed), driver]

    @contextmanager
    def looked_after(self) -> Iterator[None]:
        """Look after all of them while the block runs."""
        is_over = Event()
        Thread(target=self._look, args=(is_over,), name="silence", daemon=True).start()
        try:
            yield
        finally:
            is_over.set()

    def _look(self, is_over: Event) -> None:
        pause = _LOOKED_EVERY
        while not is_over.wait(pause):
            try:
                pause = self._pause_after_a_look()
            except Exception:  # Whatever it is, somebody has to go on looking.
                log.exception("it could not be found out whether the database is silent")

    def _pause_after_a_look(self) -> float:
        """Cut what waits for a database that is silent. Returns the seconds to the next look."""
        waits = self._longest_waiting(monotonic() - DOUBT_SECONDS)
        if waits is None:
            return _LOOKED_EVERY
        began = monotonic()
        if _is_there(waits) or self._answered_since(min(began, monotonic() - DOUBT_SECONDS)):
            return ANSWER_SECONDS
        log.error("the database is silent: its connections are cut")
        self._cut(began)
        return _LOOKED_EVERY

    def _longest_waiting(self, since: float) -> Driver | None:
        """The connection that has waited for an answer for the longest, and since before this moment."""
        waiting = [each for each in self._drivers if _status(each) == TransactionStatus.ACTIVE]
        longest = min(waiting, key=_asked_at, default=None)
        return longest if longest is not None and _asked_at(longest) < since else None

    def _answered_since(self, moment: float) -> bool:
        """Whether any connection was answered: where only new ones are not, the database is there."""
        return any(wire_on(each).heard_at >= moment for each in self._drivers)

    def _cut(self, before: float) -> None:
        """End what has waited or rested since before this moment: their threads find it ended."""
        for each in self._drivers:
            if _status(each) in _NEED_IT and _asked_at(each) < before:
                with suppress(OSError, psycopg.Error):
                    _end(each)


def _status(driver: Driver) -> int:
    return driver.pgconn.transaction_status  # `UNKNOWN` where it is closed.


def _asked_at(driver: Driver) -> float:
    return wire_on(driver).asked_at


def _is_there(waiting: Driver) -> bool:
    """Whether the database that this connection waits for greets another one; a refusal is a greeting.

    It is asked nothing: what a pooler has greeted may wait there for others, however well the database is.
    """
    info = waiting.info
    place = {"host": info.host, "hostaddr": info.hostaddr, "port": info.port, "password": info.password}
    known: dict[str, Any] = {name: value for name, value in place.items() if value}
    try:
        psycopg.connect(info.dsn, **known, connect_timeout=ANSWER_SECONDS).close()
    except psycopg.Error as error:
        return bool(_SPOKE.search(str(error)))
    return True


def _end(driver: Driver) -> None:
    """Cut the connection under whoever waits on it; its number may be another's once it is closed."""
    number = driver.pgconn.socket
    with socket.socket(fileno=socket.dup(number)) as same:
        if driver.pgconn.socket == number:
            same.shutdown(socket.SHUT_RDWR)

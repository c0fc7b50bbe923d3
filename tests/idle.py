"""Connections to PostgreSQL that one test leaves to the next, as clean as new ones.

A new one costs the server a process, which first has to read again what each table consists of.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
import pytest
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event, make_url
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from server.db.wire import _WIRE, wire_on

Driver = psycopg.Connection[Any]


class Idle:
    """The connections to one server that nobody uses, by how they were made."""

    def __init__(self, url: str) -> None:
        self._host = make_url(url).query["host"]
        self._made: WeakKeyDictionary[Driver, str] = WeakKeyDictionary()
        self._free: list[Driver] = []

    @property
    def processes(self) -> list[int]:
        """Those of the server that they lead to."""
        return [driver.info.backend_pid for driver in self._free]

    def lend(self, _dialect: object, _record: object, given: list[Any], options: dict[str, Any]) -> Any:
        """One that was made in the same way, or a new one. None: another server's are not our business."""
        if options.get("host") != self._host:
            return None
        said = {name: value for name, value in options.items() if isinstance(value, str | int)}
        made = repr((given, sorted(said.items())))
        driver = self._like(made) or psycopg.connect(*given, **options)
        self._made[driver] = made
        return driver

    def _like(self, made: str) -> Driver | None:
        for driver in [each for each in self._free if self._made[each] == made]:
            try:
                self._free.remove(driver)
            except ValueError:  # Another thread took it.
                continue
            if wire_on(driver).answers():
                return driver
            driver.close()
        return None

    def take_back(self, driver: Driver) -> None:
        """Keep it; what is not ours or cannot be cleaned is closed."""
        if driver in self._made and _is_clean(driver):
            self._free.append(driver)
        else:
            driver.close()

    def close(self) -> None:
        """Close all of them."""
        for driver in self._free:
            driver.close()


def _is_clean(driver: Driver) -> bool:
    """Whether it could be made as it was when it was new."""
    if driver.pgconn.transaction_status != TransactionStatus.IDLE:
        return False
    driver.read_only = driver.isolation_level = None
    vars(driver).pop(_WIRE, None)  # It knows statements that are prepared no more.
    return driver.pgconn.exec_(b"DISCARD ALL").status == ExecStatus.COMMAND_OK


@contextmanager
def connections_left(url: str) -> Iterator[Idle]:
    """From now on, whoever closes a connection to this server leaves it to the next."""
    idle = Idle(url)
    event.listen(Engine, "do_connect", idle.lend)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PGDialect_psycopg, "do_close", idle.take_back)
        yield idle
    event.remove(Engine, "do_connect", idle.lend)
    idle.close()

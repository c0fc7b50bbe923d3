"""What a database failed with, in words for the person who waited for it: `Busy` or `OutOfOrder`."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.errors import Busy, OutOfOrder
from server.language import gettext as _


class Trouble(Enum):
    """Why nothing can be read or written now, though the program is right."""

    BUSY = auto()
    FULL = auto()
    READ_ONLY = auto()
    UNREACHABLE = auto()


# PostgreSQL: serialization failure, deadlock, lock not available in time; disk full; read-only transaction.
_BY_STATE = {
    "40001": Trouble.BUSY,
    "40P01": Trouble.BUSY,
    "55P03": Trouble.BUSY,
    "53300": Trouble.BUSY,
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
}
# Connection failures, and a server that is stopping or starting.
_STATES_UNREACHABLE = ("08", "57P0")
# SQLite's own names, of which longer ones are special cases.
_BY_NAME = {
    "SQLITE_BUSY": Trouble.BUSY,
    "SQLITE_LOCKED": Trouble.BUSY,
    "SQLITE_FULL": Trouble.FULL,
    "SQLITE_READONLY": Trouble.READ_ONLY,
    "SQLITE_CANTOPEN": Trouble.UNREACHABLE,
    "SQLITE_IOERR": Trouble.UNREACHABLE,
}


def trouble(error: DBAPIError) -> Trouble | None:
    """What the error means; None where the program itself asked for something wrong."""
    if isinstance(error.orig, sqlite3.Error):
        name = getattr(error.orig, "sqlite_errorname", "")
        return next((found for start, found in _BY_NAME.items() if name.startswith(start)), None)
    return Trouble.UNREACHABLE if error.connection_invalidated else _of_postgres(error)


def _of_postgres(error: DBAPIError) -> Trouble | None:
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        # The driver speaks for itself: it has lost the server, or did not find it.
        return Trouble.UNREACHABLE if isinstance(error, OperationalError) else None
    return Trouble.UNREACHABLE if state.startswith(_STATES_UNREACHABLE) else _BY_STATE.get(state)


@contextmanager
def trouble_said(*, writes: bool) -> Iterator[None]:
    """Raise what the person can understand instead of what the database failed with.

    That something is written where the program only meant to read is its own mistake, and stays an error.
    """
    try:
        yield
    except PoolTimeoutError as full:
        raise Busy(_("The server is busy. Nothing was saved; please send it again.")) from full
    except DBAPIError as error:
        found = trouble(error)
        if found is None or (found is Trouble.READ_ONLY and not writes):
            raise
        raise in_words(found) from error


def in_words(found: Trouble) -> Busy:
    """What a person is told of it."""
    match found:
        case Trouble.BUSY:
            return Busy(_("The database is busy. Nothing was saved; please send it again."))
        case Trouble.FULL:
            return OutOfOrder(_("There is no room left on the server's disk, so nothing was saved."))
        case Trouble.READ_ONLY:
            return OutOfOrder(_("The server may only read its database, so nothing was saved."))
        case Trouble.UNREACHABLE:
            return OutOfOrder(
                _("The server cannot reach its database now. What you were sending may not have been saved.")
            )

"""Until nothing of a post that was taken down is left in the files of the database, either.

It may take a while: see `server.db.scrubbing`. Meanwhile the takedown says that it is not wholly carried out.
Parts of files that belong to no upload are waited for, too: the post may be in one that is being written, or
removed by another process, and would stay in the files of the database if it went after them.
"""

import logging
import threading
from time import monotonic

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from server.clock import now
from server.corpora.models import Takedown
from server.corpora.parcels import clear, n_left
from server.db.engine import Database
from server.db.scrubbing import PATIENCE, alone_at_it, scrub
from server.errors import Busy
from server.takedown.places import HISTORY, SCRUBBED

# Seconds for which somebody else is waited for where nobody waits for us, and from one try to the next:
# writing the files anew keeps everybody out of these tables.
UNSEEN_PATIENCE = 10.0
FIRST_PAUSE = 10.0
LONGEST_PAUSE = 600.0
LOOKED_EVERY = 2.0
log = logging.getLogger("intercoder")


def wipe(database: Database, patience: float = PATIENCE) -> bool:
    """Write the files anew for all takedowns that still need it; whether none of them does any more.

    Raises nothing that comes of the database: the takedown itself was saved before.
    """
    try:
        return _wiped(database, patience)
    except (Busy, SQLAlchemyError) as problem:
        log.warning("what was taken down stays in the files of the database for now", exc_info=problem)
        return False


def _wiped(database: Database, patience: float) -> bool:
    if not _waiting(database):
        return True
    with alone_at_it(database, patience) as is_alone:
        return is_alone and _wiped_alone(database, patience)


def _wiped_alone(database: Database, patience: float) -> bool:
    waiting = _waiting(database)
    if not waiting:  # Another server has done it meanwhile.
        return True
    tables = (HISTORY, *SCRUBBED) if any(waiting.values()) else SCRUBBED
    if not (_is_cleared(database) and scrub(database, tables, patience)):
        return False
    with database.writing() as db:
        db.execute(update(Takedown).where(col(Takedown.id).in_(waiting)).values(wiped_at=now()))
    return True


def _waiting(database: Database) -> dict[int | None, bool]:
    """The takedowns that are not wholly carried out, and whether each erased something of the history."""
    waiting = select(col(Takedown.id), col(Takedown.is_in_history)).where(col(Takedown.wiped_at).is_(None))
    with database.reading() as db:
        return {row.id: row.is_in_history for row in db.execute(waiting)}


def _is_cleared(database: Database) -> bool:
    """Remove what is left of uploaded files; whether nothing is left of any."""
    clear(database)
    with database.reading() as db:
        n = n_left(db)
    if n:
        log.warning("uploaded files are being written or removed, %d parts of them: nothing is wiped yet", n)
    return not n


class Tries:
    """Wipes as often as is needed, ever more rarely while it does not succeed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._due = 0.0
        self._pause = FIRST_PAUSE

    def go_on(self) -> None:
        """Try where it is time to."""
        if monotonic() < self._due:
            return
        self._due = monotonic() + self._pause  # Also where the try itself fails.
        is_done = wipe(self._database, UNSEEN_PATIENCE)
        self._pause = FIRST_PAUSE if is_done else min(2 * self._pause, LONGEST_PAUSE)
        self._due = monotonic() + self._pause


def keep_wiping(database: Database, stopped: threading.Event, seconds: float = LOOKED_EVERY) -> None:
    """Look every few seconds whether it is time to try, until told to stop. A try may take minutes."""
    tries = Tries(database)
    while not stopped.wait(seconds):
        tries.go_on()

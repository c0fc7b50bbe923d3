"""Every server process forgets what it keeps in memory once a post was taken down in another process.

Codebooks are kept, since a published one never changes but for this, that a takedown takes its quotations
out.
"""

import logging
import threading
from contextlib import suppress

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from server.corpora.models import Takedown
from server.db.engine import Database
from server.errors import Busy

SECONDS = 2.0
log = logging.getLogger("intercoder")


def keep_forgetting(database: Database, stopped: threading.Event, seconds: float = SECONDS) -> None:
    """Look for takedowns every few seconds, until told to stop."""
    seen = _newest_so_far(database)
    while not stopped.wait(seconds):
        try:
            newest = _newest(database)
            if newest != seen:
                database.memory.clear()
                seen = newest
        except (Busy, SQLAlchemyError) as problem:
            # There may be one, so nothing is kept that could not be looked up.
            database.memory.clear()
            log.warning("takedowns cannot be looked for", exc_info=problem)


def _newest_so_far(database: Database) -> int | None:
    """None also where it cannot be looked up; it then counts as a new one as soon as it can."""
    with suppress(Busy, SQLAlchemyError):
        return _newest(database)
    return None


def _newest(database: Database) -> int | None:
    with database.reading() as db:
        return db.scalar(select(func.max(col(Takedown.id))))

"""Other server processes forget what they keep in memory once a post was taken down in one of them.

Codebooks are kept, since a published one never changes but for this: a takedown takes its quotations out.
"""

import logging
import threading

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from server.corpora.models import Takedown
from server.db.engine import Database
from server.errors import Busy

SECONDS = 2.0
log = logging.getLogger("intercoder")


def keep_forgetting(database: Database, stopped: threading.Event, seconds: float = SECONDS) -> None:
    """Look for takedowns of other processes every few seconds, until told to stop."""
    seen = _newest(database)
    while not stopped.wait(seconds):
        try:
            newest = _newest(database)
        except (Busy, SQLAlchemyError) as problem:
            # It may be there, so nothing is kept that could not be looked up.
            database.memory.clear()
            log.warning("takedowns cannot be looked for", exc_info=problem)
            continue
        if newest != seen:
            database.memory.clear()
            seen = newest


def _newest(database: Database) -> int | None:
    with database.reading() as db:
        return db.scalar(select(func.max(col(Takedown.id))))

"""Until others wait for what a test holds. PostgreSQL: SQLite has one writer."""

import time
from concurrent.futures import Future

from sqlalchemy import text

from server.db.engine import Database

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def wait_until(database: Database, n: int, last: "Future[None]") -> None:
    """Until so many stand before a lock, or the last of them is through."""
    until = time.monotonic() + 10
    while time.monotonic() < until and not last.done():
        with database.reading() as db:
            if (db.scalar(_WAITING) or 0) >= n:
                return
        time.sleep(0.01)

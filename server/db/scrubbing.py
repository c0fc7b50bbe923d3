"""Taking what was overwritten out of the files of the database, too.

A database leaves old pages behind: SQLite in its write-ahead log until that is checkpointed (the pages
themselves are overwritten, `secure_delete`), PostgreSQL in the table's file until it is written anew, and in
the statistics of its columns. What a server archives or a backup holds is out of reach here.
"""

import time
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from server.db.engine import Database

_TRIES = 40
_PAUSE = 0.05


def scrub(database: Database, tables: Sequence[str]) -> bool:
    """Write these tables' files without what was removed from them; False where somebody was in the way."""
    return _checkpoint(database) if database.is_sqlite else _rewrite(database, tables)


def _checkpoint(database: Database) -> bool:
    for _try in range(_TRIES):
        with database.alone() as connection:
            driver = connection.connection.cursor()  # SQLAlchemy would begin a transaction first.
            is_busy, _pages, _moved = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not is_busy:
            return True
        time.sleep(_PAUSE)
    return False


def _rewrite(database: Database, tables: Sequence[str]) -> bool:
    try:
        with database.alone() as connection:
            outside = connection.execution_options(isolation_level="AUTOCOMMIT")
            for table in tables:
                outside.execute(text(f'VACUUM (FULL, ANALYZE) "{table}"'))
    except OperationalError:
        return False
    return True

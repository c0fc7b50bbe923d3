"""Taking what was overwritten out of the files of the database, too.

A database leaves old pages behind: SQLite in its write-ahead log until that is checkpointed (the pages
themselves are overwritten, `secure_delete`), PostgreSQL in the table's file until it is written anew, and in
the statistics of its columns. What a server archives or a backup holds is out of reach here.

PostgreSQL keeps a removed row, even in a file that it writes anew, for as long as anybody may still see it:
a transaction that is older than the removal, in whatever program, one that is prepared, or a replica.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from server.db.engine import Database

# For how many seconds somebody who waits for the page waits for others to be done.
PATIENCE = 2.0
_PAUSE = 0.05
# The file that the values are in which columns hold most often.
_STATISTICS = ("pg_statistic",)
# One at a time, of all servers: an arbitrary number that nothing else here uses. It is asked for again and
# again: whoever waited for it in the database would look back themselves, and be waited for.
_ALONE = text("SELECT pg_try_advisory_lock(4404404)")
_NEWEST = text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
_OLDER = text("""
SELECT DISTINCT holder FROM (
  SELECT 'process ' || pid AS holder, unnest(ARRAY[backend_xmin, backend_xid]) AS oldest FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND (datname = current_database() OR backend_type = 'walsender')
  UNION ALL
  SELECT 'prepared transaction ' || gid, transaction FROM pg_prepared_xacts
  WHERE database = current_database()
  UNION ALL
  SELECT 'replication slot ' || slot_name, unnest(ARRAY[xmin, catalog_xmin]) FROM pg_replication_slots
) AS held WHERE oldest IS NOT NULL AND age(oldest) > age(CAST(CAST(:newest AS text) AS xid))
ORDER BY holder
""")
_PLACES = text(
    "SELECT pg_relation_filenode(CAST(name AS regclass)) FROM unnest(CAST(:tables AS text[])) AS name"
)
log = logging.getLogger("intercoder")


@contextmanager
def alone_at_it(database: Database, patience: float = PATIENCE) -> Iterator[bool]:
    """Whether no other server scrubs while the block goes on; others are waited for for `patience` seconds.

    What they have done meanwhile is to be looked up within the block.
    """
    if database.is_sqlite:  # It has one server.
        yield True
        return
    with database.alone() as connection:
        yield _is_alone(connection.execution_options(isolation_level="AUTOCOMMIT"), patience)


def _is_alone(outside: Connection, patience: float) -> bool:
    until = time.monotonic() + patience
    while not (is_alone := bool(outside.scalar(_ALONE))) and time.monotonic() < until:
        time.sleep(_PAUSE)
    return is_alone


def scrub(database: Database, tables: Sequence[str], patience: float = PATIENCE) -> bool:
    """Write these tables' files without what was removed from them before.

    False where some of it may still be there: after `patience` seconds others still see an older state or
    are in the way, or the database does not let this program write its files anew.
    """
    return _checkpoint(database, patience) if database.is_sqlite else _rewrite(database, tables, patience)


def _checkpoint(database: Database, patience: float) -> bool:
    until = time.monotonic() + patience
    while not (is_done := _written_back(database)) and time.monotonic() < until:
        time.sleep(_PAUSE)
    return is_done


def _written_back(database: Database) -> bool:
    with database.alone() as connection:
        driver = connection.connection.cursor()  # SQLAlchemy would begin a transaction first.
        driver.execute("PRAGMA busy_timeout=50")  # Milliseconds, in which nobody else can write.
        is_busy, _pages, _moved = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def _rewrite(database: Database, tables: Sequence[str], patience: float) -> bool:
    try:
        with database.alone() as connection:
            outside = connection.execution_options(isolation_level="AUTOCOMMIT")
            # The statistics come last: those of what was removed are outdated only now.
            return all(_written_anew(outside, some, patience) for some in (tables, _STATISTICS))
    except DBAPIError as problem:
        log.warning("files of the database cannot be written anew", exc_info=problem)
        return False


def _written_anew(outside: Connection, tables: Sequence[str], patience: float) -> bool:
    if holders := _still_looking_back(outside, patience):
        log.warning("what was removed stays in the files of the database for now: %s", ", ".join(holders))
        return False
    before = _places(outside, tables)
    for table in tables:
        outside.execute(text(f'VACUUM (FULL, ANALYZE) "{table}"'))
    if before & _places(outside, tables):  # Those of another owner are passed over without an error.
        log.warning("the owner of the database has to write its files anew: `intercoder migrate`")
        return False
    return True


def _still_looking_back(outside: Connection, patience: float) -> list[str]:
    """Who still sees the database as it was before this moment, though we waited; nobody, at best."""
    newest, until = outside.scalar(_NEWEST), time.monotonic() + patience
    # Twice: while one is looked at, another may begin to look at what is about to be over.
    while holders := _older(outside, newest) or _older(outside, newest):
        if time.monotonic() > until:
            break
        time.sleep(_PAUSE)
    return holders


def _older(outside: Connection, newest: str | None) -> list[str]:
    return list(outside.scalars(_OLDER, {"newest": newest}))


def _places(outside: Connection, tables: Sequence[str]) -> set[int]:
    """The files that the tables are in."""
    return set(outside.scalars(_PLACES, {"tables": list(tables)}))

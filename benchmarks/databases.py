"""An empty database for a benchmark, of either kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.settings import Settings
from tests.postgres import temporary_postgres


@contextmanager
def address(folder: Path, *, postgres: bool) -> Iterator[str]:
    """The address of one: a SQLite file in the folder, or a PostgreSQL that is stopped afterwards."""
    if postgres:
        with temporary_postgres() as found:
            yield Settings(database_url=found).resolved_database_url
    else:
        yield f"sqlite:///{folder / 'intercoder.db'}"

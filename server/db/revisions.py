"""How far a database is among the migrations, told without the program that runs them."""

from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, text

from server.db.reaching import reaching

_SERVER = Path(__file__).parents[1]
_BESIDE = _SERVER.parent / "migrations"
MIGRATIONS = _BESIDE if _BESIDE.exists() else _SERVER / "bundled/migrations"

# The files are named by their revisions, in their order.
REVISIONS = tuple(sorted(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))
NEWEST = REVISIONS[-1]


def revision(url: str) -> str | None:
    """The schema revision the database at `url` has; None for an empty one."""
    engine = create_engine(url, connect_args=reaching(url))
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """The schema revision of the database of a connection; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found

"""The newest schema as one file, from which an empty SQLite database is made.

It is what all migrations make of one, and saves the first start the program that runs them, the tables of all
areas and each step of the way. `make schema` writes it anew after a migration was added; until then the
migrations that it does not know follow.
"""

from typing import Any

from sqlalchemy import Connection, create_engine, text

from server.db.revisions import MIGRATIONS

SCHEMA = MIGRATIONS / "newest.sql"
_BETWEEN = ";\n\n"
# SQLite makes the table of the ids that it has given by itself.
_STATEMENTS = text(
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY rowid"
)


def written_down(connection: Connection) -> str:
    """The statements that made the schema of a SQLite database, and its rows: few, in an empty one."""
    database: Any = connection.connection.dbapi_connection
    rows = [line.rstrip(";") for line in database.iterdump() if line.startswith("INSERT INTO")]
    return _BETWEEN.join([*connection.scalars(_STATEMENTS), *rows]) + "\n"


def make_newest(url: str) -> None:
    """Make the tables of a SQLite database, all or none, unless there are some meanwhile."""
    # The driver begins no transaction for statements that make tables.
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        if not connection.scalars(_STATEMENTS).all():
            for statement in SCHEMA.read_text("utf-8").split(_BETWEEN):
                connection.exec_driver_sql(statement)
        connection.exec_driver_sql("COMMIT")
    engine.dispose()

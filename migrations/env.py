"""How Alembic reaches the database, and the tables it compares with."""

from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlmodel import SQLModel

import server.accounts.models
import server.adjudication.models
import server.care.models
import server.codebooks.models
import server.coding.models
import server.corpora.models
import server.gold.models
import server.history.models
import server.norming.models
import server.projects.models
import server.rounds.models  # noqa: F401 - imported so that the metadata knows their tables

# Any number that no other program takes on this database.
_LOCK = 0x1D7E_4C0D


def _wait_for_others(connection: Connection) -> None:
    """Several servers may start on one database at once: one migrates, the others find it done."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def run() -> None:
    """Run the migrations in one transaction."""
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            _wait_for_others(connection)
            context.run_migrations()
    engine.dispose()


run()

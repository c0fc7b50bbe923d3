"""How Alembic reaches the database, and the tables it compares with."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, event, text
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
from server.db.reaching import reaching

# Any number that no other program takes on this database.
_LOCK = 0x1D7E_4C0D


def _wait_for_others(connection: Connection) -> None:
    """Several servers may start on one database at once: one migrates, the others find it done."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def run() -> None:
    """Run the migrations in one transaction: all of them are kept, or none."""
    url = context.config.attributes["url"]
    engine = create_engine(url, connect_args=reaching(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            transactional_ddl=True,  # Alembic holds that SQLite cannot; it can.
        )
        with context.begin_transaction():
            _wait_for_others(connection)
            context.run_migrations()
    engine.dispose()


def _leave_transactions_to_us(connection: Any, _record: object) -> None:
    # The driver begins none for statements that make or change tables, and syncs after each of them.
    connection.isolation_level = None
    # Before a transaction begins: a table that is made anew takes nothing along that refers to it.
    connection.execute("PRAGMA foreign_keys=OFF")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


run()

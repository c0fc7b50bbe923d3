"""How Alembic reaches the database, and the tables it compares with."""

from alembic import context
from sqlalchemy import create_engine
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
            context.run_migrations()
    engine.dispose()


run()

"""Writes down what the migrations make of an empty SQLite database: `make schema`."""

from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.command import upgrade
from sqlalchemy import create_engine

from server.db.migrate import configuration
from server.db.newest import SCHEMA, written_down


def newest_schema() -> str:
    """The text of the file, from all migrations one after the other."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'empty.sqlite3')}"
        upgrade(configuration(url), "head")
        engine = create_engine(url)
        with engine.connect() as connection:
            schema = written_down(connection)
        engine.dispose()
    return schema


if __name__ == "__main__":
    SCHEMA.write_text(newest_schema(), "utf-8")

"""That nothing of a post is left in the files of the database, either.

PostgreSQL's log of changes and whatever was archived are out of reach: they are written over in time.
"""

from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import make_url, text

from server.db.engine import Database
from tests.cast import Cast
from tests.takedown.test_takedown import SECRET, WRITER, lead, study, take_down

__all__ = ["lead", "study"]  # Fixtures.


def files_of(database: Database) -> list[Path]:
    if database.is_sqlite:
        path = Path(make_url(database.url).database or "")
        return [path, *path.parent.glob(f"{path.name}-*")]
    with database.alone() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        outside.execute(text("CHECKPOINT"))
        folder = outside.scalar(text("SHOW data_directory"))
        number = outside.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    return [path for path in (Path(str(folder)) / "base" / str(number)).iterdir() if path.is_file()]


def found(database: Database, words: str) -> list[str]:
    return [path.name for path in files_of(database) if words.encode() in path.read_bytes()]


def test_the_files_hold_nothing_of_it(lead: TestClient, cast: Cast, database: Database) -> None:
    assert found(database, SECRET)
    take_down(lead, cast, posts="#1", with_copies="on")
    assert found(database, SECRET) == []
    assert found(database, WRITER) == []

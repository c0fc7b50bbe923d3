"""The migrations make what the models say, can be taken back, and protect what must not change."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade, upgrade
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import Session, SQLModel

from server.coding.spans import Span
from server.db import newest
from server.db.engine import Database
from server.db.migrate import configuration, migrate
from server.db.newest import SCHEMA, written_down
from server.db.revisions import NEWEST, REVISIONS, revision
from server.settings import Settings
from supply.schema import newest_schema
from tests import make
from tests.cast import Cast


def test_migrations_equal_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_files_are_named_by_their_revisions_in_their_order() -> None:
    scripts = ScriptDirectory.from_config(configuration("sqlite://"))
    assert tuple(script.revision for script in scripts.walk_revisions())[::-1] == REVISIONS
    assert scripts.get_current_head() == NEWEST


def test_an_empty_database_is_made_as_migrations_make_it(tmp_path: Path) -> None:
    assert SCHEMA.read_text("utf-8") == newest_schema(), "`make schema` writes the newest schema down"
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    migrate(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert written_down(connection) == SCHEMA.read_text("utf-8")
    engine.dispose()


def test_migrations_follow_a_schema_that_was_written_down_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    upgrade(configuration(url), REVISIONS[-2])
    engine = create_engine(url)
    older = tmp_path / "older.sql"
    with engine.connect() as connection:
        older.write_text(written_down(connection), "utf-8")
    engine.dispose()
    monkeypatch.setattr(newest, "SCHEMA", older)
    other = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    migrate(other)
    assert revision(other) == NEWEST


def test_down_and_up_again(settings: Settings) -> None:
    url = settings.resolved_database_url
    downgrade(configuration(url), "base")
    database = Database(url)
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    database.dispose()
    migrate(url)
    database = Database(url)
    with database.engine.connect() as connection:
        assert set(SQLModel.metadata.tables) <= set(inspect(connection).get_table_names())
    database.dispose()


def test_migrations_are_all_kept_or_none(tmp_path: Path) -> None:
    """On SQLite, whose driver would keep each statement by itself."""
    url = f"sqlite:///{tmp_path / 'study.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE takedown (id INTEGER)"))  # In the way of a later migration.
    with pytest.raises(DatabaseError, match="takedown"):
        migrate(url)
    assert inspect(engine).get_table_names() == ["takedown"]
    engine.dispose()


@pytest.mark.parametrize(
    "table",
    ["coding", "coding_answer", "coding_span", "decision", "decision_answer", "gold", "gold_answer"],
)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET id = id + 1000"])
def test_what_was_written_cannot_be_changed(cast: Cast, db: Session, table: str, change: str) -> None:
    book = make.published(db, cast.project)
    posts = make.posts(db, cast.project, 1)
    round_ = make.round_(db, cast.project, book, posts, [cast.annotator])
    variable = book.variable_by_key["expression"]
    passage = Span(variable.id, variable.code_by_key["attachment"].id, 0, 4)
    make.coding(db, book, round_, posts[0], cast.annotator, {"expression": ["attachment"]}, spans=[passage])
    make.decision(db, book, posts[0], "expression", ["attachment"], cast.lead)
    make.gold(db, book, posts[0], {"expression": ["attachment"]}, cast.lead)
    with pytest.raises(DatabaseError, match="append-only"), db.begin_nested():
        db.connection().execute(text(change.format(table)))


def test_posts_keep_their_definition_and_belong_to_an_import_of_their_project(
    db: Session, cast: Cast
) -> None:
    other = make.project(db, title="Elsewhere")
    [post] = make.posts(db, cast.project, 1)
    connection = db.connection()
    if connection.dialect.name == "sqlite":
        assert connection.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        found = connection.scalars(text("SELECT name FROM sqlite_master WHERE tbl_name = 'post'")).all()
        assert {"ix_post_import_batch_id", "ix_post_taken_down", "ix_post_thread"} < set(found)
    moved = text("UPDATE post SET project_id = :project WHERE id = :id")
    with pytest.raises(IntegrityError), db.begin_nested():
        db.execute(moved, {"project": other.id, "id": post.id})

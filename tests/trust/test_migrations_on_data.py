"""Figure 11: each migration, taken back and made again, leaves every row of what both schemas have."""

import hashlib
import itertools
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic.command import downgrade, upgrade
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine.interfaces import DBAPICursor

from benchmarks.crowd import add_study, code_everything
from server.db.engine import Database
from server.db.migrate import configuration
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign
from server.settings import Settings
from tests.browser.furnished import furnish
from tests.trust.annotating import Browser, opened
from tests.trust.finding import faults
from tests.trust.reporting import report
from tests.trust.servers import Server, serving
from tests.trust.sizes import IS_FULL, size
from tests.trust.study import fill

# Table → columns.
Schema = Mapping[str, frozenset[str]]
# From here on servers of the version before go on while others are replaced.
FIRST_THAT_ONLY_ADDS = "0027"
N_POSTS, N_ANNOTATORS = 12_500, 8
# In the usual run the newest only: the others were looked at when they were the newest.
N_MIGRATIONS = size(3, 1_000)


class Revision(NamedTuple):
    """What the tables hold at a revision, and the columns that whoever writes a row has to name."""

    name: str
    schema: Schema
    demanded: Schema


def schema_of(url: str) -> Schema:
    engine = create_engine(url)
    found = inspect(engine)
    schema = {
        table: frozenset(column["name"] for column in found.get_columns(table))
        for table in found.get_table_names()
        if table != "alembic_version"
    }
    engine.dispose()
    return schema


def demanded_of(url: str) -> Schema:
    """The columns that may not be empty and that nothing fills in."""
    engine = create_engine(url)
    found = inspect(engine)
    demanded = {
        table: frozenset(
            column["name"]
            for column in found.get_columns(table)
            if not column["nullable"] and column["default"] is None
        )
        for table in found.get_table_names()
    }
    engine.dispose()
    return demanded


def in_both(one: Schema, other: Schema) -> Schema:
    return {table: one[table] & other[table] for table in one.keys() & other.keys()}


def held(url: str, schema: Schema) -> dict[str, tuple[int, str]]:
    """How many rows every table has, and a hash of what stands in these columns, as the driver reads it."""
    engine = create_engine(url)
    keys = {table: inspect(engine).get_pk_constraint(table)["constrained_columns"] for table in schema}
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        found = {table: hashed(cursor, table, names, keys[table]) for table, names in schema.items()}
    engine.dispose()
    return found


def hashed(cursor: DBAPICursor, table: str, names: frozenset[str], keys: list[str]) -> tuple[int, str]:
    """The same for one table, row after row in the order of its key."""
    columns, order = (", ".join(f'"{name}"' for name in some) for some in (sorted(names), keys))
    cursor.execute(f'SELECT {columns} FROM "{table}" ORDER BY {order}')
    n_rows, found = 0, hashlib.sha256()
    while rows := cursor.fetchmany(1_000):
        n_rows += len(rows)
        found.update(repr(rows).encode())
    return n_rows, found.hexdigest()


@pytest.fixture(scope="module")
def revisions(tmp_path_factory: pytest.TempPathFactory) -> list[Revision]:
    """Each revision, from the first, with what its tables hold."""
    url = f"sqlite:///{tmp_path_factory.mktemp('schemas') / 'empty.sqlite3'}"
    config = configuration(url)
    names = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    found = []
    for name in reversed(names):
        upgrade(config, name)
        found.append(Revision(name, schema_of(url), demanded_of(url)))
    return found


def test_a_migration_takes_nothing_from_servers_that_run_already(revisions: list[Revision]) -> None:
    followed = [pair for pair in itertools.pairwise(revisions) if pair[1].name >= FIRST_THAT_ONLY_ADDS]
    assert followed
    for before, after in followed:
        for table, columns in before.schema.items():
            assert columns <= after.schema.get(table, frozenset()), f"{after.name}: {table} lost a column"
            new = after.demanded[table] - before.demanded[table]
            assert not new, f"{after.name}: {table} asks for what a server of before does not name"


def filled(database: Database) -> int:
    """Fill it; returns how many codings there are."""
    with database.writing() as db:
        if IS_FULL:
            lead = add_study(db, N_POSTS, 100, N_ANNOTATORS)
            annotators = tuple(range(2, N_ANNOTATORS + 2))
            open_round(db, lead, RoundDesign("All", Purpose.MAIN, annotators, seed=1, k=N_ANNOTATORS))
            code_everything(db, lead)
        else:
            furnish(db)
        return int(db.execute(text("SELECT count(*) FROM coding")).scalar_one())


@pytest.mark.timeout(7200)
def test_each_migration_keeps_every_row(
    database: Database, settings: Settings, revisions: list[Revision], tmp_path: Path
) -> None:
    n_codings = filled(database)
    database.dispose()
    url = settings.resolved_database_url
    config = configuration(url)
    steps = list(itertools.pairwise(revisions))[-N_MIGRATIONS:]
    for lower, upper in reversed(steps):
        both = in_both(lower.schema, upper.schema)
        before = held(url, both)
        downgrade(config, lower.name)
        assert held(url, both) == before, f"{upper.name} taken back"
        upgrade(config, upper.name)
        assert held(url, both) == before, f"{upper.name} made again"
        downgrade(config, lower.name)
    upgrade(config, "head")
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    report(11, f"{kind}: {len(steps)} migrations down, up, down on {n_codings} codings: equal")


def test_a_server_goes_on_when_a_newer_one_has_changed_the_schema(database: Database, server: Server) -> None:
    """As newer versions do: they add tables and columns that may be empty, and take nothing away."""
    with database.writing() as db:
        study = fill(db, 10, 1)
        revision = db.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    browser, saved = Browser(server.port, study.people[0].session), []
    with serving(server):
        try:
            _changed(database, "ALTER TABLE coding ADD COLUMN newer TEXT", "9999")
            for _post in range(2):
                form = opened(browser, study.coding)
                assert browser.ask("POST", form.path, form.filled()).status == 303
                saved.append(form.saved())
            assert server.says("/readyz", 200)
        finally:
            _changed(database, "ALTER TABLE coding DROP COLUMN newer", revision)
    with database.reading() as db:
        assert faults(db, study, saved) == []
    report(11, "a running server saves on a schema with a new column and a newer revision")


def _changed(database: Database, change: str, revision: str) -> None:
    with database.writing() as db:
        db.execute(text(change))
        db.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})

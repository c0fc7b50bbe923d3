"""Figure 11: each migration, taken back and made again, leaves every row of what both schemas have.

A server of the version before cannot be run here. What can be seen is that a newer schema takes nothing away
from it and asks for nothing that it does not know, and that this server works on such a schema.
"""

import hashlib
import itertools
from collections.abc import Mapping
from contextlib import closing

import pytest
from alembic.command import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine.interfaces import DBAPICursor

from benchmarks.crowd import add_study, code_everything
from server.db.engine import Database
from server.db.migrate import configuration
from server.db.revisions import REVISIONS
from server.rounds.actions import open_round
from server.rounds.design import Purpose, RoundDesign
from server.settings import Settings
from tests.browser.furnished import furnish
from tests.trust.annotating import Browser, opened
from tests.trust.bearing import Shape, shapes_of, what_breaks
from tests.trust.finding import faults
from tests.trust.reporting import report
from tests.trust.servers import Server, serving
from tests.trust.sizes import IS_FULL, name_of, size
from tests.trust.study import fill

# Table → columns.
Schema = Mapping[str, frozenset[str]]
# A revision and its tables.
Made = tuple[str, dict[str, Shape]]
N_POSTS, N_ANNOTATORS = 12_500, 8
# In the usual run the newest only: the others were looked at when they were the newest.
N_MIGRATIONS = size(3, 1_000)
# The first whose schema servers of before have to bear; those of the earlier ones were stopped first.
BORNE = "0028"


def schema_of(shapes: Mapping[str, Shape]) -> Schema:
    return {table: frozenset(shape.columns) for table, shape in shapes.items()}


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
def shapes(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """Each revision with what its tables hold and ask for; in the usual run those that are looked at."""
    url = f"sqlite:///{tmp_path_factory.mktemp('schemas') / 'empty.sqlite3'}"
    config = configuration(url)
    found = []
    first = 0 if IS_FULL else REVISIONS.index(BORNE) - 1
    for revision in REVISIONS[first:]:
        upgrade(config, revision)
        engine = create_engine(url)
        found.append((revision, shapes_of(engine)))
        engine.dispose()
    return found


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
def test_each_migration_keeps_every_row(database: Database, settings: Settings, shapes: list[Made]) -> None:
    n_codings = filled(database)
    database.dispose()
    url = settings.resolved_database_url
    config = configuration(url)
    steps = list(itertools.pairwise(shapes))[-N_MIGRATIONS:]
    for (lower, below), (revision, above) in reversed(steps):
        both = in_both(schema_of(below), schema_of(above))
        before = held(url, both)
        downgrade(config, lower)
        assert held(url, both) == before, f"{revision} taken back"
        upgrade(config, revision)
        assert held(url, both) == before, f"{revision} made again"
        downgrade(config, lower)
    upgrade(config, "head")
    report(11, f"{name_of(database)}: {len(steps)} migrations down, up, down on {n_codings} codings: equal")


def test_servers_of_before_bear_each_newer_schema(shapes: list[Made]) -> None:
    newer = [step for step in itertools.pairwise(shapes) if step[1][0] >= BORNE]
    breaks = {revision: list(what_breaks(below, above)) for (_lower, below), (revision, above) in newer}
    assert {revision: found for revision, found in breaks.items() if found} == {}
    report(11, f"{len(newer)} migrations since {BORNE}: nothing taken away, nothing asked of older servers")


def test_what_servers_of_before_trip_over_is_found() -> None:
    old = {"post": Shape({"id": False, "text": True, "link": True}), "note": Shape({"id": False})}
    unique, there = ("unique", "link"), ("foreign key", "text")
    new = {
        "post": Shape({"id": False, "text": False, "year": False, "more": True}, frozenset({unique, there}))
    }
    assert sorted(what_breaks(old, new)) == [
        "note is gone",
        "post.link is gone",
        "post.text must be given",
        "post.year must be given",
        "post: foreign key text",
        "post: unique link",
    ]
    assert list(what_breaks(old, {**old, "more": Shape({"id": False})})) == []


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
    told = "a running server saves on a schema with a new column and a newer revision"
    report(11, f"{name_of(database)}: {told}")


def _changed(database: Database, change: str, revision: str) -> None:
    with database.writing() as db:
        db.execute(text(change))
        db.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})

"""Whether servers of before bear a newer schema: what they read is there, what they write is taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, Inspector, inspect


@dataclass(frozen=True)
class Shape:
    """What a table asks of who writes into it.

    `columns` has of each whether a row may leave it out. `rules` are what must be unique, be there elsewhere
    or hold, with the columns it is about.
    """

    columns: Mapping[str, bool]
    rules: frozenset[tuple[str, ...]] = frozenset()


def shapes_of(engine: Engine) -> dict[str, Shape]:
    """Of all tables."""
    found = inspect(engine)
    tables = set(found.get_table_names()) - {"alembic_version"}
    return {table: Shape(_columns(found, table), frozenset(_rules(found, table))) for table in tables}


def _columns(found: Inspector, table: str) -> dict[str, bool]:
    columns = found.get_columns(table)
    return {each["name"]: bool(each["nullable"] or each["default"] is not None) for each in columns}


def _rules(found: Inspector, table: str) -> Iterator[tuple[str, ...]]:
    for rule in found.get_unique_constraints(table):
        yield "unique", *rule["column_names"]
    for index in found.get_indexes(table):
        if index["unique"]:
            yield "unique", *map(str, index["column_names"])
    for key in found.get_foreign_keys(table):
        yield "foreign key", *key["constrained_columns"]
    for check in found.get_check_constraints(table):
        yield "check", check["sqltext"]


def what_breaks(below: Mapping[str, Shape], above: Mapping[str, Shape]) -> Iterator[str]:
    """What a server that knows the schema `below` would trip over in the schema `above`."""
    for table, old in below.items():
        if table not in above:
            yield f"{table} is gone"
            continue
        new = above[table]
        yield from (f"{table}.{name} is gone" for name in old.columns.keys() - new.columns.keys())
        yield from (
            f"{table}.{name} must be given"
            for name, may_lack in new.columns.items()
            if not may_lack and old.columns.get(name, True)
        )
        yield from (f"{table}: {' '.join(rule)}" for rule in new.rules - old.rules)

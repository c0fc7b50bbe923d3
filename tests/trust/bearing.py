"""Whether servers of before bear a newer schema: what they read is there, what they write is taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, inspect


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
    return {
        table: Shape(
            {
                column["name"]: bool(column["nullable"] or column["default"] is not None)
                for column in found.get_columns(table)
            },
            frozenset(
                [
                    *(("unique", *each["column_names"]) for each in found.get_unique_constraints(table)),
                    *(
                        ("unique", *map(str, each["column_names"]))
                        for each in found.get_indexes(table)
                        if each["unique"]
                    ),
                    *(
                        ("foreign key", *each["constrained_columns"])
                        for each in found.get_foreign_keys(table)
                    ),
                    *(("check", each["sqltext"]) for each in found.get_check_constraints(table)),
                ]
            ),
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }


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

"""The clock of the database: one for all servers that share it."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from server.db.tables import UtcDateTime


class in_minutes(FunctionElement[Any]):  # noqa: N801 - it stands in statements as a function
    """The moment so many minutes from now; `in_minutes(0)` is now."""

    type = UtcDateTime()
    inherit_cache = True

    def __init__(self, minutes: ColumnElement[Any] | int) -> None:
        super().__init__(minutes)


@compiles(in_minutes, "sqlite")
def _as_text(element: in_minutes, compiler: Any, **how: Any) -> str:
    """As `UtcDateTime` stores it: six digits of a second, of which SQLite knows three."""
    minutes = compiler.process(element.clauses, **how)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', ({minutes}) || ' minutes')"


@compiles(in_minutes, "postgresql")
def _as_moment(element: in_minutes, compiler: Any, **how: Any) -> str:
    return f"now() + make_interval(mins => CAST({compiler.process(element.clauses, **how)} AS INTEGER))"

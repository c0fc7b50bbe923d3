"""Engines that share their compiled statements, which an engine keeps by its dialect and for itself."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event


def sharing_statements(make: Callable[..., Engine]) -> Callable[..., Engine]:
    """The same maker of engines; those it makes with the same options know each other's statements."""
    connected: dict[Any, Engine] = {}

    def made(url: str, *options: Any) -> Engine:
        engine = make(url, *options)
        if known := connected.get(options):
            # What its first connection would be asked for is known, too.
            engine.dialect.initialize = lambda connection: None  # type: ignore[method-assign]
            engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
        else:
            # A dialect knows its database only after the first connection.
            event.listen(engine, "connect", lambda *_given: connected.setdefault(options, engine), once=True)
        return engine

    return made

"""Engines that share their compiled statements, which an engine keeps by its dialect and for itself."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine


def sharing_statements(make: Callable[..., Engine]) -> Callable[..., Engine]:
    """The same maker of engines; those it makes with the same options know each other's statements."""
    first: dict[Any, Engine] = {}

    def made(url: str, *options: Any) -> Engine:
        engine = make(url, *options)
        known = first.setdefault(options, engine)
        engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
        return engine

    return made

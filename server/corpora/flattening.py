"""From an object to a row: the parts of parts as columns, every value as text."""

import json
import re
from collections.abc import Iterator
from typing import Any

# No database takes them, and half of a character is none.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
_DEEPEST = 4


def as_text(value: Any) -> str:
    """A value as a cell shows it: nothing for null, lists of simple values with commas, others as JSON."""
    if isinstance(value, str):
        return writable(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str | bool | None) for one in value):
        return ", ".join(filter(None, map(as_text, value)))
    if isinstance(value, dict | list):
        return writable(json.dumps(value, ensure_ascii=False)) if value else ""
    return str(value)


def writable(text: str) -> str:
    """The text with marks in the place of what cannot be stored."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def flattened(found: dict[str, Any]) -> dict[str, str]:
    """All values of an object by their paths, such as `author.name`."""
    return dict(_flat(found, "", 0))


def _flat(found: dict[str, Any], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        path = writable(before + name)
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _flat(value, f"{path}.", depth + 1)
        else:
            yield path, as_text(value)

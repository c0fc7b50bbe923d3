"""Which topics a post has, by the field that the lead named."""

import re
from collections.abc import Collection, Mapping

_BETWEEN = re.compile(r"[;,|\n]")


def topic_value(said: str) -> str:
    """A topic as it is compared: upper and lower case, and spaces around it, say nothing."""
    return " ".join(said.split()).casefold()


def values_in(said: str) -> Collection[str]:
    """The topics that a field's text names, set apart by semicolons, commas, bars or lines."""
    return tuple(dict.fromkeys(value for each in _BETWEEN.split(said) if (value := topic_value(each))))


def values_of(extra: Mapping[str, str] | None, field: str | None) -> Collection[str]:
    """The topics of a post with these extra fields."""
    return values_in(str((extra or {}).get(field or "", "")))

"""The only source of "now"."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC, to the microsecond."""
    return datetime.now(UTC)

"""How PostgreSQL is reached: what each connection asks for, unless the address says otherwise."""

from typing import Any

from sqlalchemy import URL, make_url

# A machine that went without a word is told from a slow one by the system: seconds, not hours, and
# milliseconds for what was sent and nobody has taken. A database that works long is not meant by any of them.
_BOUNDS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# What was said to be saved has to be on the disk, whatever the database or the role is set to.
_DURABLE = "-c synchronous_commit=on"
# Moments come back in the connection's zone, and not every moment exists in every zone.
_ZONE = "-c TimeZone=UTC"


def reaching(url: str, *options: str) -> dict[str, Any]:
    """`connect_args` of an engine for this address: bounds, and these options; nothing for SQLite.

    Bounds and options that stand in the address count more than ours, but for the zone.
    """
    parts = make_url(url)
    if parts.get_backend_name() != "postgresql":
        return {}
    bounds = {name: most for name, most in _BOUNDS.items() if name not in parts.query}
    return bounds | {"options": " ".join([_DURABLE, *options, *_own_options(parts), _ZONE])}


def _own_options(parts: URL) -> tuple[str, ...]:
    found = parts.query.get("options", ())
    return (found,) if isinstance(found, str) else found

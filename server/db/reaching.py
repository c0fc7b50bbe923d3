"""How PostgreSQL is reached: what each connection asks for, unless the address says otherwise."""

from typing import Any

from sqlalchemy import URL, make_url

# A machine that went without a word is told from a slow one by the system: seconds, not hours. A database
# that works long on what it has taken is not meant.
_BOUNDS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
# What was said to be saved has to be on the disk, whatever the database or the role is set to.
_DURABLE = "-c synchronous_commit=on"
# Moments come back in the connection's zone, and not every moment exists in every zone.
_ZONE = "-c TimeZone=UTC"


def reaching(url: str, *options: str, taken_within: int = 60) -> dict[str, Any]:
    """`connect_args` of an engine for this address: bounds, and these options; nothing for SQLite.

    A connection ends where what was sent is not taken for `taken_within` seconds, be the machine gone or the
    database too busy to read on, as while many rows are sent to one whose disk is slow. Bounds and options
    that stand in the address count more than ours, but for the zone.
    """
    parts = make_url(url)
    if parts.get_backend_name() != "postgresql":
        return {}
    ours = _BOUNDS | {"tcp_user_timeout": 1_000 * taken_within}
    bounds = {name: most for name, most in ours.items() if name not in parts.query}
    return bounds | {"options": " ".join([_DURABLE, *options, *_own_options(parts), _ZONE])}


def _own_options(parts: URL) -> tuple[str, ...]:
    found = parts.query.get("options", ())
    return (found,) if isinstance(found, str) else found

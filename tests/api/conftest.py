"""The programs that the tests of the interface ask with."""

import pytest

from server.db.engine import Database
from tests.api.scene import Programs, furnish, people_of, tokens_of
from tests.cast import Cast
from tests.conftest import ClientOf


@pytest.fixture
def programs(database: Database, cast: Cast, client_of: ClientOf) -> Programs:
    with database.writing() as db:
        furnish(db, cast)
        people = people_of(db, cast)
        tokens = tokens_of(db, people)
    outsider = people["outsider"]
    assert outsider is not None
    return Programs(client_of(None), tokens, cast.project.key, outsider.project_key)

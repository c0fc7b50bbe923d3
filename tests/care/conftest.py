"""A study whose second post is about violence, and whose lead has something to settle."""

import pytest
from fastapi.testclient import TestClient

from server.corpora.models import Post
from server.db.engine import Database
from tests import make
from tests.care.settled import Settle, settle
from tests.cast import Cast
from tests.coding.desk import Study, study
from tests.conftest import ClientOf

VIOLENT = (2,)


@pytest.fixture
def here(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        of = study(db, cast, posts=4)
        for number in VIOLENT:
            post = db.get_one(Post, make.id_of(of.posts[number - 1]))
            post.extra = {"lang": "en", "topic": "Self-Harm; violence"}
            db.add(post)
    return of


@pytest.fixture
def client(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.annotator)


@pytest.fixture
def lead(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.lead)


@pytest.fixture
def settled(lead: TestClient, cast: Cast) -> Settle:
    """Settles something as the lead does, on the page."""

    def change(**fields: object) -> int:
        return settle(lead, cast, **fields)

    return change

"""The desk tells whoever has coded before that the codebook changed, until they look."""

import pytest
from fastapi.testclient import TestClient

from server.db.engine import Database
from tests import make
from tests.cast import Cast
from tests.coding.desk import Study, coded, study
from tests.conftest import ClientOf


@pytest.fixture
def first(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast)


@pytest.fixture
def client(client_of: ClientOf, cast: Cast) -> TestClient:
    return client_of(cast.annotator)


def next_round(database: Database, cast: Cast) -> Study:
    with database.writing() as db:
        return study(db, cast, book=make.published(db, cast.project))


def told_since(client: TestClient, of: Study) -> str:
    text: str = client.get(of.path(1)).text
    return text.partition("The codebook has changed since version ")[2].partition(",")[0]


def test_the_desk_leads_to_the_version_of_its_round(
    first: Study, client: TestClient, database: Database, cast: Cast
) -> None:
    next_round(database, cast)
    page = client.get(first.path(1)).text
    address = f"/projects/{cast.project.key}/codebook/versions/1?round=1&amp;position=1"
    assert f'href="{address}">Codebook, version 1</a>' in page


def test_who_has_coded_is_told_until_they_look(
    first: Study, client: TestClient, database: Database, cast: Cast, client_of: ClientOf
) -> None:
    coded(client, first.path(1))
    later = next_round(database, cast)
    assert told_since(client, first) == ""
    assert told_since(client, later) == "1"
    assert told_since(client, later) == "1"
    link = f"/projects/{cast.project.key}/codebook/versions/2/since/1"
    assert f'href="{link}?round=2&amp;position=1"' in client.get(later.path(1)).text
    assert client.get(link).status_code == 200
    assert told_since(client, later) == ""
    assert told_since(client_of(cast.other_annotator), later) == ""


def test_coding_on_does_not_silence_it(
    first: Study, client: TestClient, database: Database, cast: Cast
) -> None:
    coded(client, first.path(1))
    later = next_round(database, cast)
    coded(client, later.path(1))
    assert "The codebook has changed since version 1," in client.get(later.path(2)).text
    last = next_round(database, cast)
    assert told_since(client, last) == "2"


def test_who_opened_a_newer_version_than_they_coded_under_is_told_since_that(
    first: Study, client: TestClient, database: Database, cast: Cast
) -> None:
    coded(client, first.path(1))
    next_round(database, cast)
    client.get(f"/projects/{cast.project.key}/codebook")
    assert told_since(client, next_round(database, cast)) == "2"


def test_who_never_coded_is_told_nothing(
    first: Study, client: TestClient, database: Database, cast: Cast
) -> None:
    client.get(f"/projects/{cast.project.key}/codebook/versions/{first.book.number}")
    assert told_since(client, next_round(database, cast)) == ""


def test_a_closed_post_does_not_tell(
    first: Study, client: TestClient, database: Database, cast: Cast
) -> None:
    coded(client, first.path(1))
    later = next_round(database, cast)
    with database.writing() as db:
        db.merge(later.round).locked_at = make.MOMENT
    assert told_since(client, later) == ""

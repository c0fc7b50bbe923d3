import re

import pytest

from server.db.engine import Database
from server.rounds.models import Round
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.reliability.scene import coded
from tests.stock import on_one_database


def locked(database: Database, cast: Cast) -> str:
    scene = coded(database, cast)
    with database.writing() as db:
        db.get_one(Round, scene.round.id).locked_at = make.MOMENT
    return f"/projects/{cast.project.key}/agreement"


def test_a_cell_leads_to_its_posts(cast: Cast, database: Database, client_of: ClientOf) -> None:
    path = locked(database, cast)
    client = client_of(cast.lead)
    page = client.get(f"{path}?variable=stance").text
    assert f"{path}/posts?variable=stance" in page
    met = client.get(f"{path}/posts?variable=stance&row=0&column=2")
    assert met.status_code == 200
    assert "Who gave which is not said here" in met.text
    assert "Annotator" not in met.text.partition("<main")[2].partition("<table")[2]


def test_the_posts_are_those_on_which_the_answers_met(
    cast: Cast, database: Database, client_of: ClientOf
) -> None:
    path = locked(database, cast)
    client = client_of(cast.lead)
    # Quality was chosen by one of two on the second and the fifth post, by both on the sixth.
    one = client.get(f"{path}/posts?variable=expression&code=quality&row=0&column=1").text
    both = client.get(f"{path}/posts?variable=expression&code=quality&row=1&column=1").text
    listed = r'<th scope="row" class="r num short"><a href="[^"]*/(\d+)">'
    assert len(re.findall(listed, one)) == 2
    assert len(re.findall(listed, both)) == 1


def test_nothing_opens_while_a_round_is_open(cast: Cast, database: Database, client_of: ClientOf) -> None:
    coded(database, cast)
    path = f"/projects/{cast.project.key}/agreement"
    client = client_of(cast.lead)
    assert "can be opened when all counted rounds are locked" in client.get(path).text
    assert client.get(f"{path}/posts").status_code == 403


def test_a_reviewer_who_codes_sees_nothing(cast: Cast, database: Database, client_of: ClientOf) -> None:
    scene = coded(database, cast)
    with database.writing() as db:
        db.get_one(Round, scene.round.id).locked_at = make.MOMENT
        make.round_(db, cast.project, scene.book, scene.posts[:2], (cast.lead,))
    path = f"/projects/{cast.project.key}/agreement/posts?variable=expression&code=quality&row=0&column=1"
    client = client_of(cast.lead)
    assert client.get(f"{path}&round=2").status_code == 404
    # They still code the second post elsewhere, so only the fifth is left.
    page = client.get(f"{path}&round=1").text
    assert len(re.findall(r'<th scope="row" class="r num short">', page)) == 1


@on_one_database
@pytest.mark.parametrize("who", ["viewer", "annotator"])
def test_others_are_not_let_in(cast: Cast, database: Database, client_of: ClientOf, who: str) -> None:
    path = locked(database, cast)
    assert client_of(getattr(cast, who)).get(f"{path}/posts?variable=stance").status_code == 403


@on_one_database
@pytest.mark.parametrize("query", ["variable=mood", "variable=stance&row=9", "variable=stance&group=crowd"])
def test_what_is_not_there_is_not_found(
    cast: Cast, database: Database, client_of: ClientOf, query: str
) -> None:
    path = locked(database, cast)
    assert client_of(cast.lead).get(f"{path}/posts?{query}").status_code == 404

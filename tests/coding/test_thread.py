"""The thread beside a post on the desk: who may read it, and what stands in it."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.corpora.models import Post
from server.db.engine import Database
from tests import make
from tests.cast import Cast
from tests.coding.desk import Study
from tests.conftest import ClientOf


@pytest.fixture
def threaded(here: Study, database: Database) -> Study:
    """Post 2 answers post 1; a post that nobody is assigned answers it, too."""
    with database.writing() as db:
        more = make.posts(db, here.cast.project, 1)[0]
        more.text = "<b>An answer</b> https://example.org/?a=1&b=2 #tag"
        first = db.exec(select(Post).where(Post.project_id == here.cast.project.id, Post.number == 1)).one()
        second = db.exec(select(Post).where(Post.project_id == here.cast.project.id, Post.number == 2)).one()
        for post in (first, second, more):
            post.thread_key = first.external_id
        second.parent_key = more.parent_key = first.external_id
    return here


def test_the_desk_offers_the_thread_where_there_is_one(threaded: Study, client: TestClient) -> None:
    pages = [client.get(threaded.path(position)).text for position in (1, 2, 3)]
    assert ['id="thread"' in page for page in pages] == [True, True, False]
    assert f'href="{threaded.path("2/thread")}"' in pages[1]
    assert "An answer" not in pages[1]


def test_the_thread_is_text_that_is_safe_and_names_nobody(threaded: Study, client: TestClient) -> None:
    page = client.get(threaded.path("2/thread"))
    assert "&lt;b&gt;An answer&lt;/b&gt;" in page.text
    assert '<a href="https://example.org/?a=1&amp;b=2"' in page.text
    assert '<span class="hashtag">#tag</span>' in page.text
    assert page.text.count('<li aria-current="true">') == 1
    assert "What it answers" in page.text
    assert "user_" not in page.text
    assert threaded.posts[0].external_id not in page.text


def test_nobody_reads_it_by_anothers_assignment(threaded: Study, client_of: ClientOf, cast: Cast) -> None:
    assert client_of(cast.annotator).get(threaded.path("2/thread")).status_code == 200
    assert client_of(cast.annotator).get(threaded.path("99/thread")).status_code == 404
    assert client_of(cast.lead).get(threaded.path("2/thread")).status_code == 404
    assert client_of(cast.viewer).get(threaded.path("2/thread")).status_code == 403


def test_a_post_without_text_shows_that_it_was_taken_down(
    threaded: Study, client: TestClient, database: Database
) -> None:
    with database.writing() as db:
        db.exec(
            select(Post).where(Post.project_id == threaded.cast.project.id, Post.number == 1)
        ).one().text = ""
    assert "This post was taken down." in client.get(threaded.path("2/thread")).text

"""The page of results."""

import pytest

from server.db.engine import Database
from server.projects.access import Access
from server.projects.roles import Role
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.stock import on_one_database


@pytest.fixture
def path(database: Database, cast: Cast) -> str:
    """A study of three posts, on one of which two annotators differ."""
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 3)
        round_ = make.round_(db, cast.project, book, posts, [cast.annotator, cast.other_annotator])
        for post in posts:
            answers = {"expression": ["attachment"], "emotion": "2", "stance": "favour"}
            make.coding(db, book, round_, post, cast.annotator, answers)
        make.coding(db, book, round_, posts[0], cast.other_annotator, {"expression": [], "emotion": "2"})
    return f"/projects/{cast.project.key}/results"


@on_one_database
def test_the_page_says_shares_intervals_and_how(client_of: ClientOf, cast: Cast, path: str) -> None:
    page = client_of(cast.lead).get(path)
    assert page.status_code == 200
    assert "66.7\N{NO-BREAK SPACE}%" in page.text, "attachment: 2 of 3, the third is open"
    assert "at most 100.0\N{NO-BREAK SPACE}%" in page.text
    assert "1 post is unresolved" in page.text
    assert "clustered by author" in page.text
    head, _found, _rest = page.text.partition("<table>")
    assert "/download" in head
    assert "How decided, from left:" in head
    assert "<h1>Results</h1>" in head
    assert 'style="' not in page.text


@on_one_database
def test_undefined_is_said_in_words(client_of: ClientOf, cast: Cast, path: str) -> None:
    page = client_of(cast.lead).get(path)
    assert "undefined" in page.text
    assert "nan" not in page.text.lower().replace("unan", "")


@on_one_database
def test_an_interval_that_unresolved_posts_could_leave_is_marked(
    client_of: ClientOf, cast: Cast, path: str
) -> None:
    marked = "provisional: 3 posts unresolved"
    assert marked in client_of(cast.lead).get(path, params={"rule": "decisions"}).text
    settled = client_of(cast.lead).get(path).text
    assert "provisional" not in settled
    assert "Provisional" not in settled


@on_one_database
def test_the_bars_are_said_in_numbers(client_of: ClientOf, cast: Cast, path: str) -> None:
    page = client_of(cast.lead).get(path)
    assert 'bases">single coding 67\N{NO-BREAK SPACE}%, unresolved 33\N{NO-BREAK SPACE}%<' in page.text


@on_one_database
def test_a_rule_can_be_chosen(client_of: ClientOf, cast: Cast, path: str) -> None:
    page = client_of(cast.lead).get(path, params={"rule": "decisions"})
    assert page.status_code == 200
    assert "3 posts are unresolved" in page.text
    assert '<option value="decisions" selected>' in page.text


@on_one_database
def test_an_unknown_rule_is_refused_in_words(client_of: ClientOf, cast: Cast, path: str) -> None:
    page = client_of(cast.lead).get(path, params={"rule": "majesty"})
    assert page.status_code == 422
    assert "Please choose one of the answers offered." in page.text
    assert "66.7\N{NO-BREAK SPACE}%" in page.text


@on_one_database
def test_viewers_and_adjudicators_see_it_without_the_download(
    client_of: ClientOf, cast: Cast, path: str
) -> None:
    for reader, may_decide in ((cast.viewer, False), (cast.adjudicator, True)):
        page = client_of(reader).get(path)
        assert page.status_code == 200
        assert "Download the final dataset" not in page.text
        assert ("Decide them" in page.text) is may_decide
        assert ("The list there counts differently" in page.text) is may_decide


@on_one_database
def test_who_may_not_see_it(client_of: ClientOf, database: Database, cast: Cast, path: str) -> None:
    assert client_of(cast.annotator).get(path).status_code == 403
    assert client_of(outsider(database)).get(path).status_code == 404
    assert client_of(None).get(path).status_code == 303


def outsider(database: Database) -> Access:
    with database.writing() as db:
        return make.member(db, make.project(db), Role.LEAD, "outsider")


@on_one_database
def test_empty_pages_say_what_to_do_first(client_of: ClientOf, database: Database, cast: Cast) -> None:
    path = f"/projects/{cast.project.key}/results"
    assert "There are no posts yet" in client_of(cast.lead).get(path).text
    with database.writing() as db:
        make.posts(db, cast.project, 1)
    assert "Nothing is coded yet" in client_of(cast.lead).get(path).text


@on_one_database
def test_a_hidden_round_is_named_with_the_reason(
    client_of: ClientOf, database: Database, cast: Cast, path: str
) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 1)
        round_ = make.round_(db, cast.project, book, posts, [cast.annotator, cast.lead])
        make.coding(db, book, round_, posts[0], cast.annotator, {"stance": "against"})
    page = client_of(cast.lead).get(path)
    assert "Round 2 is left out" in page.text
    assert "You code in this round yourself." in page.text


@on_one_database
def test_labels_are_escaped(client_of: ClientOf, database: Database, cast: Cast) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project, {"x": ("single", ("<b>", "c"))})
        posts = make.posts(db, cast.project, 1)
        round_ = make.round_(db, cast.project, book, posts, [cast.annotator])
        make.coding(db, book, round_, posts[0], cast.annotator, {"x": "<b>"})
    page = client_of(cast.lead).get(f"/projects/{cast.project.key}/results")
    assert "&lt;B&gt;" in page.text
    assert "<B>" not in page.text

"""Posts are listed, searched and read."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.corpora.models import Post, Upload
from server.db.engine import Database
from tests import make
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.corpora.files import csv, import_shown, imported, path, previewed, row
from tests.corpora.test_pages import n_stored
from tests.stock import on_one_database

pytestmark = on_one_database


@pytest.fixture
def study(client_of: ClientOf, cast: Cast) -> TestClient:
    """The lead's browser in a study of three posts."""
    lead = client_of(cast.lead)
    imported(lead, cast, csv(1, 2) + row(3, "100% of_it", "petra").encode())
    return lead


def test_an_empty_list_says_what_to_do_first(client_of: ClientOf, cast: Cast) -> None:
    page = client_of(cast.lead).get(path(cast))
    assert "No posts yet" in page.text
    assert path(cast, "import") in page.text
    assert path(cast, "import") not in client_of(cast.viewer).get(path(cast)).text


@pytest.mark.parametrize(("who", "status"), [("adjudicator", 200), ("viewer", 200), ("annotator", 403)])
def test_who_may_read_the_posts(client_of: ClientOf, cast: Cast, who: str, status: int) -> None:
    client = client_of(getattr(cast, who))
    assert client.get(path(cast)).status_code == status
    assert client.get(path(cast, "imports")).status_code == status


def test_the_list_shows_the_posts_of_this_project_alone(study: TestClient, cast: Cast) -> None:
    page = study.get(path(cast))
    assert page.text.count('class="post little"') == 3
    assert "petra" in page.text
    assert "user_1" not in page.text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("100%", 1),
        ("OF_IT", 1),
        ("%", 1),
        ("old one", 2),
        ("1955550000000000002", 1),
        ("petra", 0),
        ("nowhere", 0),
    ],
)
def test_the_search_takes_every_character_as_it_is(
    study: TestClient, cast: Cast, search: str, found: int
) -> None:
    page = study.get(path(cast), params={"search": search})
    assert page.text.count('class="post little"') == found


def test_a_nul_in_the_search_breaks_nothing(study: TestClient, cast: Cast) -> None:
    page = study.get(f"{path(cast)}?search=old%00+one")
    assert page.status_code == 200
    assert page.text.count('class="post little"') == 2


def test_the_list_is_cut_into_pages(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    imported(lead, cast, csv(*range(1, 61)))
    first, second = lead.get(path(cast)), lead.get(f"{path(cast)}?page=2")
    assert (first.text.count('class="post little"'), second.text.count('class="post little"')) == (50, 10)
    assert "Page 1 of 2" in first.text
    for odd in ("0", "-1", "x", "9" * 30, "٣"):
        assert lead.get(f"{path(cast)}?page={odd}&batch={odd}").status_code == 200
    assert "page=2" in lead.get(f"{path(cast)}?batch=1").text


@pytest.mark.parametrize("who", ["adjudicator", "viewer"])
def test_authors_are_for_the_lead(study: TestClient, client_of: ClientOf, cast: Cast, who: str) -> None:
    client = client_of(getattr(cast, who))
    for page in (client.get(path(cast)), client.get(path(cast, "3"))):
        assert page.status_code == 200
        assert "100% of_it" in page.text
        assert "petra" not in page.text
        assert "x.example" not in page.text
    assert "The author" not in client.get(path(cast, "3")).text
    search = client.get(path(cast), params={"search": "1955550000000000002"})
    assert "No post fits." in search.text


def test_a_post_with_all_that_the_file_says(study: TestClient, cast: Cast, database: Database) -> None:
    with database.writing() as db:
        book = make.published(db, cast.project)
        posts = db.exec(select(Post).where(Post.project_id == cast.project.id, Post.number == 1)).all()
        make.round_(db, cast.project, book, posts, [cast.annotator], title="Pilot round")
    page = study.get(path(cast, "1"))
    for said in (
        "I miss the old one \N{BROKEN HEART}, 1",
        "8 August 2025, 21:14",
        "1955550000000000001",
        "https://x.example/1",
        "lang",
        "Pilot round",
    ):
        assert said in page.text
    assert "No round hands" in study.get(path(cast, "2")).text


@pytest.mark.parametrize("number", ["4", "0", "-1", "abc", "99999999999999999999"])
def test_posts_that_are_not_there(study: TestClient, cast: Cast, number: str) -> None:
    assert study.get(path(cast, number)).status_code == 404


def test_the_imports_are_listed(study: TestClient, cast: Cast) -> None:
    page = study.get(path(cast, "imports"))
    assert "posts.csv" in page.text
    assert "batch=1" in page.text


def test_a_post_is_text_and_never_markup(client_of: ClientOf, cast: Cast) -> None:
    lead = client_of(cast.lead)
    evil = "<script>alert(1)</script>"
    head = f"post_id,text,author,created_at,url,{evil}\n"
    line = f'1,"{evil} {{{{ 7*7 }}}}",{evil},{evil},https://x.example/?{evil},{evil}\n'
    page = previewed(lead, cast, (head + line).encode(), "?id=1&text=2&author=3&date=4&link=5")
    assert evil not in page.text
    assert import_shown(lead, page).status_code == 303
    for shown in (lead.get(path(cast)), lead.get(path(cast, "1"))):
        assert evil not in shown.text
        assert "{{ 7*7 }}" in shown.text


@pytest.mark.parametrize("action", ["", "/discard"])
def test_a_form_of_another_sign_in_is_refused(
    client_of: ClientOf, cast: Cast, database: Database, action: str
) -> None:
    lead = client_of(cast.lead)
    address = previewed(lead, cast, csv(1)).url.path
    forged = {"form_key": "x", "id": "1", "text": "2"}
    assert lead.post(address + action, data=forged).status_code == 403
    assert n_stored(database, cast, Upload) == 1
    assert n_stored(database, cast) == 0

"""Who may look at disagreements, and what the queue of them shows."""

import re

import pytest
from sqlmodel import Session

from server.db.engine import Database
from server.projects.access import Access
from server.projects.roles import Role
from tests import make
from tests.adjudication.conftest import Study
from tests.adjudication.test_pages import desk_form, rows
from tests.browse import post
from tests.conftest import ClientOf
from tests.stock import on_one_database

pytestmark = on_one_database


def outsider(db: Session) -> Access:
    return make.member(db, make.project(db, "Another study"), Role.LEAD, "outsider")


# Who may


@pytest.mark.parametrize("rest", ["", "/bulk", "/1"])
def test_reviewers_alone_may_look(
    database: Database, disputed: Study, client_of: ClientOf, rest: str
) -> None:
    with database.writing() as db:
        stranger = outsider(db)
    path, cast = disputed.path(rest=rest), disputed.cast
    assert client_of(cast.lead).get(path).status_code == 200
    assert client_of(cast.adjudicator).get(path).status_code == 200
    assert client_of(cast.annotator).get(path).status_code == 403
    assert client_of(cast.viewer).get(path).status_code == 403
    assert client_of(stranger).get(path).status_code == 404
    assert client_of(None).get(path).status_code == 303


@pytest.mark.parametrize("rest", ["/1", "/1/withdraw", "/1/names", "/bulk", "/bulk/1/undo"])
def test_reviewers_alone_may_decide(
    database: Database, disputed: Study, client_of: ClientOf, rest: str
) -> None:
    with database.writing() as db:
        stranger = outsider(db)
    before = rows(database)
    path, cast = disputed.path(rest=rest), disputed.cast
    assert post(client_of(cast.annotator), path, {"v-stance": "favour"}).status_code == 403
    assert post(client_of(cast.viewer), path, {"v-stance": "favour"}).status_code == 403
    assert post(client_of(stranger), path, {"v-stance": "favour"}).status_code == 404
    assert rows(database) == before


@pytest.mark.parametrize("number", ["99", "0", "x", "99999999999"])
def test_there_is_no_such_post(disputed: Study, client_of: ClientOf, number: str) -> None:
    assert client_of(disputed.cast.lead).get(disputed.path(number)).status_code == 404


def test_who_still_codes_in_the_round_is_told_why(
    database: Database, disputed: Study, client_of: ClientOf
) -> None:
    with database.writing() as db:
        make.round_(db, disputed.cast.project, disputed.book, disputed.posts[:1], [disputed.cast.lead])
    client = client_of(disputed.cast.lead)
    listed = client.get(disputed.path())
    assert "Posts of round 2 are left out." in listed.text
    assert disputed.posts[0].text not in listed.text
    refused = client.get(disputed.path(1))
    assert refused.status_code == 403
    assert "You code in this round yourself" in refused.text
    assert post(client, disputed.path(1), {"v-stance": "favour"}).status_code == 403


# The queue


def test_an_empty_project_says_what_to_do_first(study: Study, client_of: ClientOf) -> None:
    page = client_of(study.cast.lead).get(study.path())
    assert "Nothing to review yet" in page.text


def test_the_queue_counts_and_leads_to_the_first_post(disputed: Study, client_of: ClientOf) -> None:
    page = client_of(disputed.cast.lead).get(disputed.path())
    assert "0 of 3" in page.text
    assert re.findall(r'disagreements/(\d+)">\d+</a>', page.text) == ["3", "1", "2"]
    [first] = re.findall(r'class="button first" href="([^"]+)"', page.text)
    assert first == disputed.path(3)


def test_filters_go_along_to_the_post_and_back(disputed: Study, client_of: ClientOf) -> None:
    client = client_of(disputed.cast.lead)
    query = {"variable": "stance", "one": "3", "other": "4"}
    listed = client.get(disputed.path(), params=query)
    [first] = re.findall(r'class="button first" href="([^"]+)"', listed.text)
    assert "variable=stance&amp;one=3&amp;other=4" in first
    page = client.get(first.replace("&amp;", "&"))
    assert "0 of 2" in page.text
    answer = post(client, first.replace("&amp;", "&"), desk_form(page) | {"v-stance": ["favour"]})
    assert answer.status_code == 303
    assert answer.headers["location"] == disputed.path(3) + "?variable=stance&one=3&other=4"


def test_a_filter_that_means_nothing_is_said_on_the_page(disputed: Study, client_of: ClientOf) -> None:
    page = client_of(disputed.cast.lead).get(disputed.path(), params={"one": "3", "state": "x", "page": "7"})
    assert page.status_code == 200
    assert "A pair needs two different annotators" in page.text
    assert "0 of 3" in page.text


def test_long_queues_have_pages(database: Database, study: Study, client_of: ClientOf) -> None:
    with database.writing() as db:
        study.posts = make.posts(db, study.cast.project, 27)
        study.main = study.open_round(db, study.posts)
        for number in range(1, 28):
            study.code(db, number, {"stance": "against"}, {"stance": "favour"})
    client = client_of(study.cast.lead)
    first, second = client.get(study.path()), client.get(study.path(), params={"page": 2})
    assert "Page 1 of 2" in first.text
    assert "page=2" in first.text
    assert len(re.findall(r"<tr>", second.text)) == 1 + 2

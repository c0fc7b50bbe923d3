"""Who reads and who writes a codebook."""

import pytest

from server.db.engine import Database
from server.projects.access import Access
from tests import make
from tests.cast import Cast
from tests.codebooks.test_pages import GETS, Browser, draft
from tests.codebooks.test_typing import POSTS
from tests.conftest import ClientOf


@pytest.fixture
def published(cast: Cast, database: Database) -> None:
    with database.writing() as db:
        make.published(db, cast.project)


READ_BY_ALL = GETS[:3]


def members(cast: Cast) -> list[Access]:
    return [cast.adjudicator, cast.annotator, cast.viewer]


@pytest.mark.usefixtures("published")
def test_everybody_in_the_study_reads_what_is_published(cast: Cast, client_of: ClientOf) -> None:
    for person in [cast.lead, *members(cast)]:
        browser = Browser(client_of(person), cast.project.key)
        assert [browser.get(path).status_code for path in READ_BY_ALL] == [200, 200, 200]


@pytest.mark.usefixtures("published")
def test_only_the_lead_writes(cast: Cast, client_of: ClientOf, database: Database) -> None:
    for person in members(cast):
        browser = Browser(client_of(person), cast.project.key)
        assert {browser.get(path).status_code for path in GETS[3:]} == {403}
        assert {browser.post(path, edition="-1").status_code for path in POSTS} == {403}
        assert "Edit the codebook" not in browser.get().text
    assert draft(database, cast) is None


@pytest.mark.usefixtures("published")
def test_another_study_is_not_there(cast: Cast, client_of: ClientOf, database: Database) -> None:
    with database.writing() as db:
        other = make.project(db)
    browser = Browser(client_of(cast.lead), other.key)

    assert {browser.get(path).status_code for path in GETS} == {404}
    assert {browser.post(path, edition="-1").status_code for path in POSTS} == {404}


@pytest.mark.usefixtures("published")
def test_nobody_is_sent_to_sign_in(cast: Cast, client_of: ClientOf) -> None:
    browser = Browser(client_of(None), cast.project.key)

    answers = [browser.get(path) for path in GETS]

    assert {answer.status_code for answer in answers} == {303}
    assert {answer.headers["location"].partition("?")[0] for answer in answers} == {"/sign-in"}

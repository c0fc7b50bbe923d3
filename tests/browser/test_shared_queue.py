"""Two annotators at one shared queue of three posts, each of which is wanted twice."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, func, select

from server.projects.access import Access
from server.projects.roles import Role
from server.rounds.models import Assignment
from tests import make
from tests.browser.conftest import Live, NewPage

pytestmark = pytest.mark.browser

CODEBOOK = {"stance": ("single", ("against", "favour"))}


def seated(live: Live, page: Page, who: Access, path: str) -> Page:
    with live.database.writing() as db:
        token = make.session(db, who.account_id)
    page.context.add_cookies([{"name": "session", "value": token, "url": live.url}])
    page.goto(path)
    return page


def submit(page: Page, leads_to: str) -> None:
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(rf"/code/{leads_to}$"))


def test_two_annotators_share_a_queue(live: Live, new_page: NewPage) -> None:
    with live.database.writing() as db:
        project = make.project(db)
        people = [make.member(db, project, Role.ANNOTATOR, name) for name in ("one", "other")]
        book, posts = make.published(db, project, CODEBOOK), make.posts(db, project, 3)
        make.shared_round(db, project, book, posts, people, k=2)
        path = f"{live.url}/projects/{project.key}/rounds/1/code"
    one, other = (seated(live, new_page(), who, path) for who in people)
    expect(one.get_by_text("kept for you for 60 minutes")).to_be_visible()
    for page in (one, other):
        for leads_to in ("2", "3", "finished"):
            submit(page, leads_to)
        expect(page.get_by_role("heading", name="No post is left for you in this round")).to_be_visible()
    with live.database.reading() as db:
        codings = func.count(func.distinct(col(Assignment.member_id)))
        by_post = select(codings).where(Assignment.state == "submitted").group_by(col(Assignment.post_id))
        assert list(db.scalars(by_post)) == [2, 2, 2]


def test_who_waits_is_brought_to_a_post_that_comes_back(live: Live, new_page: NewPage) -> None:
    with live.database.writing() as db:
        project = make.project(db)
        people = [make.member(db, project, Role.ANNOTATOR, name) for name in ("one", "other")]
        book, posts = make.published(db, project, CODEBOOK), make.posts(db, project, 1)
        make.shared_round(db, project, book, posts, people)
        path = f"{live.url}/projects/{project.key}/rounds/1/code"
    one, other = (seated(live, new_page(), who, path) for who in people)
    expect(other.get_by_role("heading", name="All posts are with other annotators")).to_be_visible()
    one.keyboard.press("s")
    one.get_by_label("Why do you skip this post?").select_option("off_topic")
    one.get_by_role("button", name="Skip this post").click()
    expect(one.get_by_role("heading", name="No post is left for you in this round")).to_be_visible()
    other.get_by_role("link", name="Look again", exact=True).click()
    expect(other.get_by_text("kept for you for 60 minutes")).to_be_visible()

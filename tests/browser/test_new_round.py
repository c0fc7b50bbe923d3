"""The form for a round shows what fits its choices, without a script, and never hides what is wrong."""

import pytest
from playwright.sync_api import Page, expect

from server.projects.roles import Role
from tests import make
from tests.browser.conftest import Live, NewPage

pytestmark = pytest.mark.browser

SAMPLE, MINUTES = "Posts in the sample", "Minutes for a post"
SHARE = "Share of posts coded by two, in per cent"
GOLD = "Those with gold answers, which are shown after each submission (training)"
RIGHT, DEPTH = "Posts right on every question", "Annotators for each post"


@pytest.fixture
def page(live: Live, new_page: NewPage) -> Page:
    """The form of a project with gold, on a small screen without a script."""
    with live.database.writing() as db:
        project = make.project(db)
        lead = make.member(db, project, Role.LEAD, "lead")
        make.member(db, project, Role.ANNOTATOR, "annotator")
        book, posts = make.published(db, project), make.posts(db, project, 6)
        make.gold(db, book, posts[0], {"stance": "favour"}, lead)
        token = make.session(db, lead.account_id)
    page = new_page(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page.context.add_cookies([{"name": "session", "value": token, "url": live.url}])
    page.goto(f"{live.url}/projects/{project.key}/rounds/new")
    return page


def seen(page: Page, *labels: str) -> list[bool]:
    return [page.get_by_label(label, exact=True).is_visible() for label in labels]


def test_fields_follow_the_choices(page: Page) -> None:
    assert seen(page, SAMPLE, MINUTES, SHARE, DEPTH, RIGHT, GOLD) == [False, False, False, True, False, False]
    page.get_by_label("A random sample", exact=True).check()
    page.get_by_label("Shared queue: whoever is free gets the next post").check()
    page.get_by_label("one annotator, and a random share by two").check()
    assert seen(page, SAMPLE, MINUTES, SHARE, DEPTH) == [True, True, True, False]
    page.get_by_label("Training", exact=True).check()
    page.get_by_label(GOLD).check()
    page.get_by_label("whoever is right on every question in enough posts").check()
    assert seen(page, SAMPLE, RIGHT, MINUTES, SHARE) == [True, True, False, False]


def test_what_is_wrong_is_shown_whatever_was_chosen(page: Page) -> None:
    page.get_by_label("Shared queue: whoever is free gets the next post").check()
    page.get_by_label(MINUTES).fill("3")
    page.get_by_label("Fixed plan: everybody's posts are settled when the round opens").check()
    assert seen(page, MINUTES) == [True]  # A browser would not send it, and could not say why.
    page.get_by_label(MINUTES).fill("30")
    assert seen(page, MINUTES) == [False]
    page.get_by_label("one annotator, and a random share by two").check()
    page.get_by_label(SHARE).fill("500")
    page.get_by_label("the same number of annotators").check()
    page.get_by_role("button", name="Preview the plan").click()
    expect(page.get_by_label(SHARE)).to_be_visible()
    expect(page.get_by_label(SHARE)).to_have_value("500")
    expect(page.locator("#f-double_share-error")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

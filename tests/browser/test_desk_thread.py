"""The thread beside the post: by key, by mouse, from right to left, and without a script."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from server.corpora.models import Post
from tests.browser.conftest import NewPage
from tests.browser.test_desk import Desk, desk

pytestmark = pytest.mark.browser
__all__ = ["desk"]  # A fixture.

ARABIC = "مرحبا، أشتاق إلى النموذج القديم https://example.org/ar #نموذج"


@pytest.fixture
def threaded(desk: Desk) -> Desk:
    """The second post answers the first, which is written from right to left."""
    with desk.live.database.writing() as db:
        first, second, _third = db.exec(select(Post).order_by(Post.number)).all()  # type: ignore[arg-type]
        first.text = ARABIC
        second.thread_key, second.parent_key = first.external_id, first.external_id
    return desk


@pytest.fixture
def page(threaded: Desk, new_page: NewPage) -> Page:
    return threaded.signed_in(new_page(), "2")


def test_a_key_opens_the_thread_below_the_post_and_closes_it(page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.keyboard.press("1")
    page.keyboard.press("t")
    thread = page.locator(".in-thread .thread")
    expect(thread.locator("li")).to_have_count(2)
    expect(thread.locator("li").first).to_contain_text("What it answers")
    expect(thread.locator("[aria-current]")).to_contain_text("This post")
    expect(page.locator("#thread")).to_be_focused()
    expect(page.get_by_label("Attachment", exact=True)).to_be_checked()
    post, below = page.locator("#post").bounding_box(), thread.bounding_box()
    assert post is not None
    assert below is not None
    assert post["y"] + post["height"] <= below["y"]

    page.keyboard.press("t")
    expect(thread).to_be_hidden()
    expect(page.get_by_label("Attachment", exact=True)).to_be_focused()
    page.keyboard.press("t")
    expect(thread).to_be_visible()
    assert sum(url.endswith("/thread") for url in requests) == 1


def test_a_neighbour_is_read_from_right_to_left_and_its_links_are_links(page: Page) -> None:
    page.get_by_text("In its thread").first.click()
    first = page.locator(".thread .post").first
    expect(first).to_have_css("direction", "rtl")
    expect(first.get_by_role("link")).to_have_attribute("href", "https://example.org/ar")
    expect(first.locator(".hashtag")).to_have_text("#نموذج")


def test_the_key_writes_where_one_writes(page: Page) -> None:
    page.keyboard.press("m")
    page.keyboard.type("that")
    expect(page.get_by_label("Memo", exact=True)).to_have_value("that")
    expect(page.locator(".in-thread")).not_to_have_attribute("open", "")


def test_a_post_that_stands_alone_has_no_thread(threaded: Desk, new_page: NewPage) -> None:
    page = threaded.signed_in(new_page(), "3")
    page.keyboard.press("t")
    expect(page.locator(".in-thread")).to_have_count(0)


def test_without_the_network_the_way_to_the_thread_stays(page: Page) -> None:
    page.evaluate("import(document.querySelector('.in-thread').dataset.script)")
    page.context.set_offline(True)
    page.keyboard.press("t")
    expect(page.locator(".in-thread")).to_contain_text("could not be loaded")
    page.context.set_offline(False)
    page.keyboard.press("t")
    page.keyboard.press("t")
    expect(page.locator(".in-thread .thread")).to_be_visible()


def test_without_a_script_the_thread_is_a_page(threaded: Desk, new_page: NewPage) -> None:
    page = threaded.signed_in(new_page(java_script_enabled=False), "2")
    page.get_by_text("In its thread").click()
    page.get_by_role("link", name=re.compile("Read what it answers")).click()
    expect(page.locator(".thread li").first).to_contain_text("What it answers")
    page.get_by_role("link", name="Back to the post").click()
    expect(page).to_have_url(re.compile(r"/code/2$"))

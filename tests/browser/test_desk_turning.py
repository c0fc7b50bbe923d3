"""The next post takes the place of the last one in the same page, and nothing of the last one stays."""

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlmodel import select

from server.coding.models import Draft
from server.rounds.models import Assignment
from tests.browser.conftest import NewPage
from tests.browser.test_desk import Desk, answer_all, chosen, desk
from tests.browser.test_desk_evidence import select_words

pytestmark = pytest.mark.browser
__all__ = ["desk"]  # A fixture.


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    return desk.signed_in(new_page())


@pytest.fixture
def pages(page: Page) -> list[str]:
    """The addresses of the pages that the browser loads from now on."""
    loaded: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type == "document":
            loaded.append(request.url)

    page.on("request", note)
    return loaded


def turn(page: Page, number: int) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Post {number}")


def test_the_whole_round_is_coded_in_one_page(desk: Desk, page: Page, pages: list[str]) -> None:
    for number in (2, 3):
        page.keyboard.press("d")  # A definition stays open in its own post only.
        answer_all(page)
        turn(page, number)
        expect(page).to_have_url(re.compile(rf"/code/{number}$"))
        expect(page).to_have_title(re.compile(rf"Post {number}\b"))
        expect(page.locator("#post-heading")).to_be_focused()
        assert chosen(page) == set()
        expect(page.locator("details.definition[open]")).to_have_count(0)
        expect(page.locator("#missing")).to_be_empty()
    assert pages == []
    answer_all(page)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/finished$"))
    assert [desk.revisions(position) for position in (1, 2, 3)] == [[1], [1], [1]]
    assert desk.said(1) == desk.said(2) == desk.said(3)


def test_back_and_forward_lead_to_the_posts(page: Page) -> None:
    answer_all(page)
    turn(page, 2)
    page.keyboard.press("2")
    page.go_back()
    expect(page.locator("#post-heading")).to_have_text("Post 1")
    expect(page.get_by_text("Submitted", exact=False).first).to_be_visible()
    page.go_forward()
    expect(page.locator("#post-heading")).to_have_text("Post 2")
    assert chosen(page) == {"v-expression dependency"}  # The draft was saved on the way.
    page.evaluate("location.hash = 'content'")
    assert chosen(page) == {"v-expression dependency"}


def test_a_draft_belongs_to_the_post_that_is_shown(desk: Desk, page: Page) -> None:
    answer_all(page)
    turn(page, 2)
    page.keyboard.press("3")
    expect(page.locator("#saved")).to_have_text("Draft saved")
    with desk.live.database.reading() as db:
        assert db.exec(select(Assignment.position).join(Draft)).all() == [2]


def test_passages_are_marked_in_the_post_that_is_shown(desk: Desk, page: Page, pages: list[str]) -> None:
    for number in (2, 3):
        answer_all(page)
        select_words(page, "old one", page.locator("#post").inner_text())
        page.keyboard.press("1")
        expect(page.locator(".evidence q")).to_have_text(["old one"])
        turn(page, number)
        expect(page.locator(".evidence")).to_have_count(0)
    assert pages == []


def test_a_server_that_was_renewed_is_asked_for_a_page(page: Page, pages: list[str]) -> None:
    def renewed(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace("annotate.js?", "annotate.js?new"))

    page.route("**/code/2", renewed)
    answer_all(page)
    turn(page, 2)
    assert len(pages) == 1


def test_a_post_that_does_not_come_is_asked_for_by_the_browser(page: Page, pages: list[str]) -> None:
    def lost(route: Route) -> None:
        if route.request.resource_type == "fetch":
            route.abort()
        else:
            route.continue_()

    page.route("**/code/2", lost)
    answer_all(page)
    turn(page, 2)
    assert len(pages) == 1

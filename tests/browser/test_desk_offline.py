"""Submitting where the server cannot be reached: the answers wait in the browser, and count once."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NewPage
from tests.browser.test_desk import Desk, chosen, desk, page
from tests.browser.test_desk_kept import TYPED, expect_answers, kept, type_answers

pytestmark = pytest.mark.browser
__all__ = ["desk", "page"]  # Fixtures.

WAITING = "Not submitted yet: the server cannot be reached."


def submit_offline(page: Page) -> None:
    """Everything answered, and Submit at once: before any draft is saved."""
    page.context.set_offline(True)
    type_answers(page)
    page.keyboard.press("l")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_contain_text(WAITING)


def test_a_submission_waits_for_the_network_and_is_sent_once(desk: Desk, page: Page) -> None:
    submit_offline(page)
    assert (kept(page), desk.revisions()) == (1, [])

    page.context.set_offline(False)

    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert (kept(page), desk.revisions()) == (0, [1])
    assert desk.said() == {"attachment", "1", "ambivalent", "work"}


def test_a_page_closed_meanwhile_brings_the_answers_back(desk: Desk, page: Page) -> None:
    submit_offline(page)
    context = page.context
    page.close()
    context.set_offline(False)

    page = desk.signed_in(context.new_page())

    expect(page.get_by_label("Memo", exact=True)).to_have_value("half a thought")
    assert chosen(page) == TYPED | {"v-themes work"}
    assert desk.revisions() == []


def test_whoever_goes_on_changing_answers_submits_them_again(desk: Desk, page: Page) -> None:
    submit_offline(page)
    page.keyboard.press("k")
    page.context.set_offline(False)

    expect(page.locator("#saved")).to_have_text("Draft saved")
    assert desk.revisions() == []
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert desk.said() == {"attachment", "1", "favour", "work"}


def test_an_answer_that_is_lost_on_its_way_back_makes_no_second_coding(desk: Desk, page: Page) -> None:
    lost: list[int] = []

    def deliver_and_lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            return route.continue_()
        lost.append(route.fetch(max_redirects=0).status)
        return route.abort()

    page.route(re.compile(r"/code/1$"), deliver_and_lose)
    for key in "1bjl":
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")

    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert lost == [204]
    assert desk.revisions() == [1]


def test_a_server_that_fails_is_asked_again(desk: Desk, page: Page) -> None:
    failed: list[bool] = []

    def fail_once(route: Route) -> None:
        if route.request.method != "POST" or failed:
            return route.continue_()
        failed.append(True)
        return route.fulfill(status=503, body="restarting")

    page.route(re.compile(r"/code/1$"), fail_once)
    for key in "1bjl":
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_contain_text(WAITING)

    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert desk.revisions() == [1]


def test_a_skip_waits_as_well(desk: Desk, page: Page) -> None:
    page.context.set_offline(True)
    page.keyboard.press("s")
    page.get_by_label("Why do you skip this post?").select_option(index=1)
    page.get_by_role("button", name="Skip this post").click()
    expect(page.locator("#saved")).to_contain_text(WAITING)

    page.context.set_offline(False)

    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert desk.revisions() == []


def test_what_is_refused_is_said_on_a_page_as_without_a_script(desk: Desk, page: Page) -> None:
    type_answers(page)
    page.keyboard.press("Control+Enter")

    expect(page.locator(".problems")).to_be_visible()
    expect_answers(page)
    assert desk.revisions() == []


def test_two_clicks_are_one_submission_after_all(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page())
    sent = []
    page.on("request", lambda request: sent.append(request.method) if "/code/1" in request.url else None)
    for key in "1bjl":
        page.keyboard.press(key)
    page.get_by_role("button", name="Submit").dblclick()
    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert sent == ["POST"]

"""Asking the lead from the desk: by keys alone, with the network gone, and without a script."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from server.coding.models import PostQuestion
from tests.browser.conftest import NewPage
from tests.browser.test_desk import Desk, chosen, desk, page

pytestmark = pytest.mark.browser
__all__ = ["desk", "page"]  # Fixtures.


def asked(desk: Desk) -> list[str]:
    with desk.live.database.reading() as db:
        return [row.asked for row in db.scalars(select(PostQuestion))]


def write(page: Page, words: str) -> None:
    page.keyboard.press("q")
    page.keyboard.type(words)


def test_asking_by_keys_stays_at_the_post_and_keeps_the_answers(desk: Desk, page: Page) -> None:
    page.keyboard.press("1")
    before = chosen(page)
    write(page, "Is it 2 or 3?")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".asked-lead")).to_contain_text("Is it 2 or 3?")
    assert chosen(page) == before
    assert (asked(desk), desk.revisions()) == (["Is it 2 or 3?"], [])


def test_a_question_waits_for_the_network_and_is_asked_once(desk: Desk, page: Page) -> None:
    page.context.set_offline(True)
    write(page, "Is it irony?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#saved")).to_contain_text("the server cannot be reached")

    page.context.set_offline(False)

    expect(page.locator(".asked-lead")).to_contain_text("Is it irony?")
    assert (asked(desk), desk.revisions()) == (["Is it irony?"], [])


def test_escape_leaves_the_field_and_keeps_the_words(page: Page) -> None:
    write(page, "Is it")
    page.keyboard.press("Escape")
    page.keyboard.press("1")

    expect(page.get_by_label(re.compile("Your question to the lead"))).to_have_value("Is it")
    assert chosen(page) == {"v-expression attachment"}


def test_asking_without_a_script(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page(java_script_enabled=False))
    page.locator("summary", has_text="Ask the lead").click()
    page.locator("textarea[name=question]").fill("Is it irony?")
    page.get_by_role("button", name="Send the question").click()

    expect(page.locator(".asked-lead")).to_contain_text("Is it irony?")
    assert asked(desk) == ["Is it irony?"]


def test_enter_in_a_field_submits_and_asks_nothing_without_a_script(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page(java_script_enabled=False))
    page.locator("input[type=radio]").first.press("Enter")

    expect(page.locator(".problems")).to_be_visible()
    assert asked(desk) == []

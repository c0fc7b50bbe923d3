"""What is still to be answered, said beside the button that submits while answers come and go."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.test_desk import Desk, desk_of

pytestmark = pytest.mark.browser

VARIABLES = {
    "expression": ("multiple", ("attachment", "quality")),
    "stance": ("single", ("against", "favour")),
    "count": ("number", ()),
    "why": ("text", ()),
    "emotion": ("single", ("calm", "loud")),
}
WHEN = {"stance": [("expression", "attachment")]}


@pytest.fixture
def desk(live: Live) -> Desk:
    return desk_of(live, lambda db, project: make.published(db, project, VARIABLES, WHEN))


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    return desk.signed_in(new_page())


def choose(page: Page, label: str) -> None:
    page.locator(".question label", has_text=re.compile(f"^{label}$")).click()


def test_what_is_missing_is_said_from_the_first_answer_on(page: Page) -> None:
    missing, links = page.locator("#missing"), page.locator("#missing a")
    expect(missing).to_be_empty()
    choose(page, "Quality")
    expect(missing).to_contain_text("Still to answer:")
    expect(links).to_have_text(["Count", "Why", "Emotion"])
    choose(page, "Attachment")
    expect(links).to_have_text(["Stance", "Count", "Why"])
    expect(missing).to_contain_text("and 1 more")
    page.get_by_label("Count").fill("3")
    expect(links).to_have_text(["Stance", "Why", "Emotion"])
    choose(page, "Attachment")
    page.get_by_label("Why", exact=True).fill("because")
    choose(page, "Calm")
    expect(missing).to_be_empty()
    page.get_by_label("Why", exact=True).fill(" ")
    expect(links).to_have_text(["Why"])


def test_a_link_leads_to_the_question_by_keys_alone(page: Page) -> None:
    choose(page, "Quality")
    page.locator("#missing a", has_text="Count").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Count")).to_be_focused()
    page.keyboard.type("2")
    page.locator("#missing a", has_text="Emotion").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Calm")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/code/1$"))


def test_a_draft_that_is_taken_up_again_says_what_is_missing(desk: Desk, page: Page) -> None:
    choose(page, "Quality")
    choose(page, "Calm")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    page.reload()
    expect(page.locator("#missing a")).to_have_text(["Count", "Why"])


@pytest.mark.parametrize("width", [1280, 320])
def test_nothing_moves_when_it_is_said(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    before = page.locator("#submit").bounding_box()
    bar = page.locator(".submit").bounding_box()
    page.keyboard.press("2")
    expect(page.locator("#missing a")).to_have_count(3)
    assert page.locator(".submit").bounding_box() == bar
    assert page.locator("#submit").bounding_box() == before
    assert page.evaluate("document.documentElement.scrollWidth") <= width

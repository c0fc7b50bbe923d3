"""A post is skipped by keys or fingers; the desk on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from server.rounds.models import Assignment
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.test_desk import VARIABLES, Desk, answer_all, chosen, desk_of

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(live: Live) -> Desk:
    return desk_of(live, lambda db, project: make.published(db, project, VARIABLES))


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    return desk.signed_in(new_page())


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_enter_in_the_skip_panel_skips(desk: Desk, new_page: NewPage, scripts: bool) -> None:
    page = desk.signed_in(new_page(java_script_enabled=scripts))
    for label in ("Attachment", "Against", "Work"):
        page.locator(f"label:text-is('{label}')").click()
    page.locator(".scale label").first.click()
    page.locator("summary", has_text="Skip").click()
    page.get_by_label("Why do you skip").select_option(label="Too distressing for me")
    page.get_by_label("In your words").fill("too sad")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert desk.revisions() == []
    with desk.live.database.reading() as db:
        skipped = db.exec(select(Assignment).where(Assignment.position == 1)).one()
        assert (skipped.state, skipped.skip_reason) == ("skipped", "distressing: too sad")


def test_the_skip_key_opens_the_panel_and_a_refusal_keeps_the_answers(desk: Desk, page: Page) -> None:
    answer_all(page)
    page.keyboard.press("2")
    page.keyboard.press("s")
    reason = page.get_by_label("Why do you skip")
    expect(reason).to_be_focused()
    reason.select_option(label="Another reason")
    page.keyboard.press("Control+Enter")

    expect(page.locator("main")).to_contain_text("Say in a few words why.")
    assert "v-expression dependency" in chosen(page)
    assert "v-expression attachment" in chosen(page)
    assert desk.revisions() == []
    page.goto(page.url)
    expect(page).to_have_url(re.compile(r"/code/1$"))


def test_escape_closes_the_skip_panel(page: Page) -> None:
    page.keyboard.press("s")
    page.keyboard.press("Escape")

    expect(page.locator(".skipping .panel")).to_be_hidden()
    page.keyboard.press("1")
    assert chosen(page) == {"v-expression attachment"}


def test_on_a_phone_the_frame_is_low_and_a_finger_is_told_how_to_mark(desk: Desk, new_page: NewPage) -> None:
    for width in (390, 320):
        viewport = {"width": width, "height": 800}
        page = desk.signed_in(new_page(viewport=viewport, has_touch=True, is_mobile=True))
        header = page.locator("header").bounding_box()
        assert header is not None
        assert header["height"] <= 96
        for name in ("Codebook", "Sign out", "My codings"):
            link = page.locator("header").get_by_text(name)
            expect(link).to_be_in_viewport(ratio=1)
            room = link.bounding_box()
            assert room is not None
            assert room["height"] >= 44
        expect(page.get_by_text("press and hold a word")).to_be_visible()
    page = desk.signed_in(new_page())
    expect(page.get_by_text("press and hold a word")).to_be_hidden()


def test_what_is_wrong_is_marked_from_the_top_of_its_question(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page())
    page.get_by_role("button", name="Submit").click()
    question = page.locator(".question[aria-invalid=true]").first
    box, legend = question.bounding_box(), question.locator("legend").bounding_box()
    assert box is not None
    assert legend is not None
    assert abs(box["y"] - legend["y"]) < 2
    # Only beside a legend that floats the edge reaches the top.
    assert question.locator("legend").evaluate("one => getComputedStyle(one).float") != "none"

"""Marking passages of a post: with mouse, finger and keys, over faces and accents, from right to left."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlmodel import col, select

from server.coding.models import CodingSpan
from server.corpora.models import Post
from tests.browser.conftest import NewPage
from tests.browser.test_desk import Desk, desk

pytestmark = pytest.mark.browser
__all__ = ["desk"]  # A fixture.

SUMMER = "e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}"
TEXT = f"It was 👩‍👩‍👧 family to me, {SUMMER} after {SUMMER} #Keep4o"
ARABIC = "أشتاق إلى النموذج القديم كثيرا"
# Selects from one place of the post's text to another, in UTF-16 units, as a mouse or finger would.
SELECT = """([from, to]) => {
  const post = document.getElementById('post'), range = document.createRange()
  const walker = document.createTreeWalker(post, NodeFilter.SHOW_TEXT)
  let passed = 0
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.data.length
    if (from >= passed && from <= passed + length) range.setStart(node, from - passed)
    if (to > passed && to <= passed + length) range.setEnd(node, to - passed)
    passed += length
  }
  getSelection().removeAllRanges()
  getSelection().addRange(range)
}"""


def with_text(desk: Desk, text: str) -> None:
    with desk.live.database.writing() as db:
        db.execute(update(Post).where(col(Post.number) == 1).values(text=text))


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    with_text(desk, TEXT)
    return desk.signed_in(new_page())


def units(text: str) -> int:
    """How long JavaScript finds a text."""
    return len(text.encode("utf-16-le")) // 2


def select_words(page: Page, words: str, text: str = TEXT) -> None:
    start = units(text[: text.index(words)])
    page.evaluate(SELECT, [start, start + units(words)])
    expect(page.locator(".marking")).to_be_visible()


def marked(page: Page) -> list[str]:
    return page.locator(".evidence li:visible q").all_inner_texts()


def submitted(desk: Desk, page: Page, text: str = TEXT) -> set[str]:
    """The words of the passages that are stored after Submit."""
    for name in ("v-stance", "v-themes"):
        page.locator(f"[name={name}]").first.check(force=True)
    page.locator("[name=v-emotion]").first.check(force=True)
    page.get_by_role("button", name="Submit").click()
    expect(page).to_have_url(re.compile(r"/code/2$"))
    with desk.live.database.reading() as db:
        return {text[span.start : span.end] for span in db.exec(select(CodingSpan)).all()}


def test_selected_words_become_evidence_for_a_code_chosen_with_its_key(desk: Desk, page: Page) -> None:
    select_words(page, "family to me")
    page.keyboard.press("1")
    expect(page.get_by_label("Attachment", exact=True)).to_be_checked()
    assert marked(page) == ["family to me"]
    expect(page.locator(".marking")).to_have_count(0)
    assert page.evaluate("CSS.highlights.get('evidence-1').size") == 1
    assert submitted(desk, page) == {"family to me"}


def test_no_face_and_no_accent_is_cut(desk: Desk, page: Page) -> None:
    page.get_by_label("Attachment", exact=True).check(force=True)
    # The selection ends within the family, and begins between a letter and its accent.
    page.evaluate(SELECT, [3, units("It was ") + 3])
    page.get_by_role("button", name="Attachment").click()
    accent = units(TEXT[: TEXT.index("\N{COMBINING ACUTE ACCENT}")])
    page.evaluate(SELECT, [accent, accent + 3])
    page.get_by_role("button", name="Attachment").click()
    assert submitted(desk, page) == {"was 👩‍👩‍👧", SUMMER}


def test_with_keys_alone_from_word_to_word(desk: Desk, page: Page) -> None:
    page.keyboard.press("e")
    expect(page.locator(".marking q")).to_have_text("It")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".marking q")).to_have_text("family to")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Another code")).to_be_focused()
    page.get_by_label("Another code").select_option("Dependency")
    expect(page.get_by_label("Dependency", exact=True)).to_be_checked()
    expect(page).to_have_url(re.compile(r"/code/1$"))
    assert submitted(desk, page) == {"family to"}


def test_from_right_to_left_the_arrows_lead_the_way_one_reads(desk: Desk, new_page: NewPage) -> None:
    with_text(desk, ARABIC)
    page = desk.signed_in(new_page())
    page.keyboard.press("e")
    expect(page.locator(".marking q")).to_have_text(ARABIC.split(maxsplit=1)[0])
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    words = " ".join(ARABIC.split()[1:3])
    expect(page.locator(".marking q")).to_have_text(words)
    page.keyboard.press("2")
    assert submitted(desk, page, ARABIC) == {words}


def test_passages_overlap_and_are_taken_out_again(desk: Desk, page: Page) -> None:
    select_words(page, "was 👩‍👩‍👧 family")
    page.keyboard.press("1")
    select_words(page, "family to me")
    page.keyboard.press("2")
    select_words(page, "after")
    page.keyboard.press("2")
    assert len(marked(page)) == 3
    page.locator(".evidence label", has_text="after").locator("input").uncheck(force=True)
    assert submitted(desk, page) == {"was 👩‍👩‍👧 family", "family to me"}


def test_the_passages_of_a_code_go_and_come_with_it(desk: Desk, page: Page) -> None:
    select_words(page, "family")
    page.keyboard.press("1")
    page.keyboard.press("1")
    expect(page.get_by_label("Attachment", exact=True)).not_to_be_checked()
    assert marked(page) == []
    page.keyboard.press("1")
    assert marked(page) == ["family"]
    assert submitted(desk, page) == {"family"}


def test_escape_leaves_everything_as_it_was(page: Page) -> None:
    page.keyboard.press("e")
    expect(page.locator(".marking")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".marking")).to_have_count(0)
    page.keyboard.press("1")
    expect(page.get_by_label("Attachment", exact=True)).to_be_checked()
    assert marked(page) == []


def test_a_draft_brings_passages_back_elsewhere(desk: Desk, page: Page, new_page: NewPage) -> None:
    select_words(page, "family")
    page.keyboard.press("1")
    expect(page.locator("#saved")).to_have_text("Draft saved")
    other = desk.signed_in(new_page())
    expect(other.locator(".evidence q")).to_have_text("family")
    other.wait_for_function("CSS.highlights.get('evidence-1')?.size === 1")


def test_passages_wait_in_the_browser_without_a_network(desk: Desk, page: Page) -> None:
    page.route("**/draft", lambda route: route.abort())
    select_words(page, "family")
    page.keyboard.press("1")
    expect(page.locator("#saved")).to_contain_text("Not saved")
    context = page.context
    page.close()
    again = desk.signed_in(context.new_page())
    expect(again.locator(".evidence q")).to_have_text("family")


def test_by_touch(desk: Desk, new_page: NewPage) -> None:
    with_text(desk, TEXT)
    page = desk.signed_in(new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True))
    page.get_by_label("Attachment", exact=True).check(force=True)
    select_words(page, "family to me")
    page.get_by_role("button", name="Attachment").tap()
    assert marked(page) == ["family to me"]


def test_without_a_script_passages_are_shown_and_can_be_taken_out(
    desk: Desk, page: Page, new_page: NewPage
) -> None:
    select_words(page, "family")
    page.keyboard.press("1")
    select_words(page, "after")
    page.keyboard.press("1")
    assert submitted(desk, page) == {"family", "after"}
    plain = desk.signed_in(new_page(java_script_enabled=False))
    plain.locator(".evidence label", has_text="after").locator("input").uncheck(force=True)
    plain.get_by_role("button", name="Submit").click()
    expect(plain.locator("body")).not_to_contain_text("need another look")
    with desk.live.database.reading() as db:
        assert len(db.exec(select(CodingSpan)).all()) == 3

"""Codes under others on the coding desk: opened by their parent, by hand and by their keys."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.test_desk import Desk, chosen, desk_of
from tests.coding.test_nesting import PARENTS, VARIABLES

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(live: Live) -> Desk:
    return desk_of(live, lambda db, project: make.published(db, project, VARIABLES, parents=PARENTS))


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    return desk.signed_in(new_page())


def code(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def choose(page: Page, label: str) -> None:
    page.locator(f"label:text-is('{label}')").click()


def opener(page: Page, label: str) -> Locator:
    return page.get_by_role("button", name=f"Codes under {label}")


def shown(page: Page) -> list[str]:
    return [
        row.inner_text() for row in page.locator("#f-v-expression .code > label").all() if row.is_visible()
    ]


TOP = ["Attachment", "Quality", "Nothing applies"]


def test_a_parent_opens_its_children_and_takes_them_back_with_it(page: Page) -> None:
    assert shown(page) == TOP
    choose(page, "Attachment")
    assert shown(page) == ["Attachment", "Friend", "Family", *TOP[1:]]
    choose(page, "Friend")
    choose(page, "Lost")
    choose(page, "Attachment")
    assert (chosen(page), shown(page)) == (set(), TOP)
    choose(page, "Attachment")
    assert chosen(page) == {f"v-expression {each}" for each in ("attachment", "friend", "lost")}
    assert shown(page) == ["Attachment", "Friend", "Lost", "Family", *TOP[1:]]


def test_a_branch_is_opened_by_hand_without_choosing(page: Page) -> None:
    button = opener(page, "Attachment")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_contain_text("3")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    assert shown(page) == ["Attachment", "Friend", "Family", *TOP[1:]]
    choose(page, "Family")
    assert chosen(page) == {"v-expression family"}
    button.click()
    expect(button).to_have_attribute("aria-expanded", "false")
    assert shown(page) == ["Attachment", "Family", *TOP[1:]]  # What is chosen is never hidden.


def test_the_key_of_a_folded_code_opens_its_branch_and_chooses_it_alone(page: Page) -> None:
    page.keyboard.press("3")
    assert chosen(page) == {"v-expression lost"}
    expect(code(page, "Lost")).to_be_focused()
    assert shown(page) == ["Attachment", "Friend", "Lost", "Family", *TOP[1:]]
    page.keyboard.press("3")
    expect(code(page, "Lost")).to_be_focused()
    page.keyboard.press("0")
    assert chosen(page) == {"none-expression on"}


def test_where_one_is_chosen_a_child_takes_the_place_of_its_parent(desk: Desk, page: Page) -> None:
    choose(page, "Against")
    choose(page, "Angry")
    expect(code(page, "Angry")).to_be_visible()
    page.keyboard.press("0")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Post 2")
    assert desk.said() == {"angry", "nothing"}


def test_without_a_script_all_are_shown(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page(java_script_enabled=False))
    expect(code(page, "Lost")).to_be_visible()
    expect(opener(page, "Attachment")).to_be_hidden()
    lost, friend = code(page, "Lost").bounding_box(), code(page, "Friend").bounding_box()
    assert lost
    assert friend
    assert lost["x"] > friend["x"]

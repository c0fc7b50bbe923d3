"""Questions on the coding desk that are asked only after certain answers, with and without a script."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import col, select

from server.coding.models import CodingAnswer, Draft
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.test_desk import Desk, desk_of

pytestmark = pytest.mark.browser

VARIABLES = {
    "expression": ("multiple", ("attachment", "quality")),
    "stance": ("single", ("against", "favour")),
    "why": ("text", ()),
    "emotion": ("single", ("calm", "loud")),
}
WHEN = {"stance": [("expression", "attachment")], "why": [("stance", "against")]}


@pytest.fixture
def desk(live: Live) -> Desk:
    return desk_of(live, lambda db, project: make.published(db, project, VARIABLES, WHEN))


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    return desk.signed_in(new_page())


def question(page: Page, label: str) -> Locator:
    return page.locator(".question").filter(has=page.locator("legend", has_text=label))


def choose(page: Page, label: str) -> None:
    page.locator("label", has_text=re.compile(f"^{label}$")).click()


def answers(desk: Desk) -> list[str | None]:
    """The texts among the stored answers, None for each chosen code."""
    with desk.live.database.reading() as db:
        return list(db.exec(select(CodingAnswer.text).order_by(col(CodingAnswer.id))))


def test_a_question_comes_and_goes_with_the_answer_it_depends_on(desk: Desk, page: Page) -> None:
    stance, why = question(page, "Stance"), question(page, "Why")
    badge = page.locator(".question[data-kind=single] kbd").all_text_contents()
    expect(stance).to_be_hidden()
    choose(page, "Attachment")
    expect(stance).to_be_visible()
    expect(why).to_be_hidden()
    expect(page.locator("#told")).to_have_text("Now asked: Stance")
    assert page.locator(".question[data-kind=single] kbd").all_text_contents() == badge
    choose(page, "Against")
    page.get_by_label("Why", exact=True).fill("It is loud.")
    choose(page, "Attachment")
    expect(stance).to_be_hidden()
    expect(why).to_be_hidden()

    choose(page, "Attachment")
    expect(page.get_by_label("Against")).to_be_checked()
    expect(page.get_by_label("Why", exact=True)).to_have_value("It is loud.")
    choose(page, "Attachment")
    choose(page, "Quality")
    choose(page, "Calm")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("h1")).to_have_text("Post 2")
    assert answers(desk) == [None, None]


def test_by_keys_alone_and_no_key_of_a_hidden_question_does_anything(desk: Desk, page: Page) -> None:
    against = question(page, "Stance").locator("input[value=against]")
    key = against.get_attribute("data-key") or ""
    page.keyboard.press(key)
    expect(against).not_to_be_checked()
    page.keyboard.press("1")
    page.keyboard.press(key)
    expect(against).to_be_checked()
    why = page.get_by_label("Why", exact=True)
    page.keyboard.press(why.get_attribute("data-key") or "")
    expect(why).to_be_focused()
    page.keyboard.type("By keys.")
    page.keyboard.press("Escape")
    page.keyboard.press(page.get_by_label("Calm").get_attribute("data-key") or "")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Post 2")
    assert answers(desk) == [None, None, "By keys.", None]


def test_what_stands_in_a_hidden_question_is_in_the_draft(desk: Desk, page: Page) -> None:
    choose(page, "Attachment")
    choose(page, "Against")
    page.get_by_label("Why", exact=True).fill("It is loud.")
    choose(page, "Attachment")
    choose(page, "Quality")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    with desk.live.database.reading() as db:
        typed = db.exec(select(Draft.typed)).one()
    assert (typed["v-expression"], typed["v-why"]) == (["quality"], ["It is loud."])
    page.reload()
    expect(question(page, "Stance")).to_be_hidden()
    choose(page, "Attachment")
    expect(page.get_by_label("Why", exact=True)).to_have_value("It is loud.")


def test_without_a_script_all_is_shown_and_what_is_not_asked_is_said(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page(java_script_enabled=False))
    expect(question(page, "Stance")).to_contain_text("Asked only if “Expression” is “Attachment”.")
    choose(page, "Quality")
    choose(page, "Against")
    choose(page, "Calm")
    page.get_by_role("button", name="Submit").click()
    expect(question(page, "Stance").locator(".error")).to_contain_text("only if “Expression” is “Attachment”")
    expect(page.get_by_label("Against")).to_be_checked()
    choose(page, "No answer")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("h1")).to_have_text("Post 2")
    assert answers(desk) == [None, None]


def test_an_answer_to_what_is_not_asked_comes_back_with_a_form_that_is_shown_again(
    desk: Desk, page: Page
) -> None:
    choose(page, "Attachment")
    choose(page, "Against")
    choose(page, "Attachment")
    choose(page, "Quality")
    expect(question(page, "Stance")).to_be_hidden()
    with desk.live.database.writing() as db:
        token = make.session(db, desk.annotator.account_id)
    page.context.add_cookies([{"name": "session", "value": token, "url": desk.live.url}])
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("You were signed out in the meantime")).to_be_visible()
    choose(page, "Attachment")
    expect(page.get_by_role("radio", name="Against")).to_be_checked()

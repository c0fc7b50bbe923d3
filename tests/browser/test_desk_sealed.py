"""What waits in a browser on the coding desk: sealed, and opened only where the same account is signed in."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlmodel import col

from server.accounts.browser_key import new_secret
from server.accounts.models import Account
from server.accounts.passwords import hash_password
from tests.browser.conftest import NewPage
from tests.browser.test_desk import Desk, desk, page
from tests.browser.test_desk_kept import (
    PASSWORD,
    drafts,
    enter,
    expect_answers,
    kept,
    sign_in_again,
    sign_out,
    type_answers,
)

pytestmark = pytest.mark.browser
__all__ = ["desk", "page"]  # Fixtures.

LEAVE_OPEN = """() => {
  const { elements, dataset } = document.getElementById("coding");
  const kept = { storedAs: dataset.storedAs, fields: [["memo", "from before"]], at: Date.now() };
  localStorage.setItem(`unsent ${elements.coder.value} ${dataset.draft}`, JSON.stringify(kept));
  localStorage.setItem("unsent somebody /else", JSON.stringify(kept));
  localStorage.setItem("unsent somebody /old", JSON.stringify({ ...kept, at: 1 }));
}"""


def stored(page: Page) -> str:
    found: str = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    return found


def test_what_waits_is_sealed_and_signing_out_leaves_every_tab(desk: Desk, page: Page) -> None:
    with desk.live.database.writing() as db:
        db.execute(update(Account).values(password_hash=hash_password(PASSWORD)))
    page.route("**/draft", lambda route: route.abort())
    type_answers(page)
    expect(page.locator("#saved")).to_contain_text("sent again in a moment")
    assert kept(page) == 1
    assert "half a thought" not in stored(page)
    assert "attachment" not in stored(page)

    other, writing = page.context.new_page(), page.context.new_page()
    writing.goto("/me")
    writing.locator("[name=display_name]").fill("Another name")
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    assert kept(page) == 1
    page.unroute("**/draft")
    enter(desk, page)
    expect_answers(page)
    expect(page.locator("#saved")).to_have_text("Draft saved")
    assert (kept(page), drafts(desk)) == (0, 1)
    expect(writing.locator("[name=display_name]")).to_have_value("Another name")


def test_what_was_left_open_is_sealed_and_what_no_key_opens_goes_with_a_word(desk: Desk, page: Page) -> None:
    page.evaluate(LEAVE_OPEN)
    page.reload()
    expect(page.get_by_label("Memo", exact=True)).to_have_value("from before")
    expect(page.locator("#saved")).to_have_text("Draft saved")
    assert page.evaluate("Object.keys(localStorage)") == ["unsent somebody /else"]

    sign_out(desk)
    type_answers(page)
    expect(page.locator("#saved")).to_contain_text("You are signed out")
    with desk.live.database.writing() as db:
        other_key = update(Account).where(col(Account.id) == desk.annotator.account_id)
        db.execute(other_key.values(browser_secret=new_secret()))
    sign_in_again(desk, page)
    page.goto(f"{desk.path}/1")

    expect(page.locator("#saved")).to_contain_text("cannot be opened any more")
    assert page.evaluate("Object.keys(localStorage)") == ["unsent somebody /else"]


def test_without_ciphers_answers_wait_in_the_tab_alone(desk: Desk, new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    desk.signed_in(page)
    sign_out(desk)
    type_answers(page)
    expect(page.locator("#saved")).to_contain_text("Leave this tab open")
    assert (kept(page), page.evaluate("sessionStorage.length")) == (0, 1)
    sign_in_again(desk, page)

    page.reload()

    expect_answers(page)
    expect(page.locator("#saved")).to_have_text("Draft saved")
    assert page.evaluate("sessionStorage.length") == 0

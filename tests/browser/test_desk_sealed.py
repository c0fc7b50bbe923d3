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

# What earlier versions left, and a tab of a sign-in that had no key yet.
LEAVE_OPEN = """() => {
  const { elements, dataset } = document.getElementById("coding");
  const own = `unsent ${elements.coder.value} ${dataset.draft}`;
  const left = (store, name, memo, more) => {
    const kept = { storedAs: dataset.storedAs, fields: [["memo", memo]], at: Date.now(), ...more };
    store.setItem(name, JSON.stringify(kept));
  };
  left(localStorage, own, "from before", { at: Date.now() - 1000 });
  left(localStorage, own.replace("code/1", "code/2"), "at the next post");
  left(localStorage, "unsent somebody /else", "not theirs");
  left(localStorage, "unsent somebody /old", "too old", { at: 1 });
  left(sessionStorage, own, "from this tab");
}"""
# As a version did for a while.
UNDER_THE_OLD_NAME = """() => {
  const [[name, kept]] = Object.entries(localStorage);
  localStorage.removeItem(name);
  localStorage.setItem(name.replace("sealed ", "unsent "), kept);
}"""
FILL_THE_STORES = """() => {
  Storage.prototype.setItem = () => { throw new DOMException("", "QuotaExceededError"); };
}"""
# A browser fills in again what was written, and tells no script.
FILL_IN = """([label, value]) => {
  for (const form of document.forms) form.reset();
  const ofField = [...document.querySelectorAll("label")].find((one) => one.textContent.includes(label));
  ofField.control.value = value;
}"""
SIGNED_OUT_ELSEWHERE = "new BroadcastChannel('signing out').postMessage(null)"


def stored(page: Page) -> str:
    found: str = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    return found


def names(page: Page) -> list[str]:
    """What waits in the browser beyond this tab: how, and of which post or whose."""
    found: list[str] = page.evaluate("Object.keys(localStorage)")
    return sorted(re.sub(r" \w+ .*code", " ", name) for name in found)


def test_what_waits_is_sealed_and_signing_out_leaves_every_tab(desk: Desk, page: Page) -> None:
    with desk.live.database.writing() as db:
        db.execute(update(Account).values(password_hash=hash_password(PASSWORD)))
    full = page.context.new_page()
    full.goto(f"{desk.path}/2")
    full.evaluate(FILL_THE_STORES)
    page.context.route("**/draft", lambda route: route.abort())
    type_answers(full)
    type_answers(page)
    expect(page.locator("#saved")).to_have_text(re.compile("sent again in a moment.$"))
    expect(full.locator("#saved")).to_contain_text("Leave this tab open")
    assert names(page) == ["sealed /1/draft"]
    assert "half a thought" not in stored(page)
    assert "attachment" not in stored(page)

    other, writing = page.context.new_page(), page.context.new_page()
    writing.goto("/me")
    writing.evaluate(FILL_IN, ["Your name", "Another name"])
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    page.evaluate(UNDER_THE_OLD_NAME)
    page.context.unroute("**/draft")
    enter(desk, page)
    expect_answers(page)
    expect(page.locator("#saved")).to_have_text("Draft saved")
    full.evaluate("window.dispatchEvent(new Event('focus'))")
    expect_answers(full)
    expect(full.locator("#saved")).to_have_text("Draft saved")
    assert (kept(page), drafts(desk)) == (0, 2)
    expect(writing.locator("[name=display_name]")).to_have_value("Another name")
    writing.evaluate(FILL_IN, ["Language", "fr"])
    writing.evaluate(SIGNED_OUT_ELSEWHERE)
    writing.wait_for_timeout(100)
    expect(writing.locator("[name=language]")).to_have_value("fr")
    writing.evaluate(FILL_IN, ["Present password", PASSWORD])
    writing.evaluate(SIGNED_OUT_ELSEWHERE)
    expect(writing.get_by_label("Present password")).to_have_value("")


def test_what_was_left_open_is_sealed_and_what_no_key_opens_goes_with_a_word(desk: Desk, page: Page) -> None:
    page.locator("#coding[data-kept=yes]").wait_for()
    page.evaluate(LEAVE_OPEN)
    page.reload()
    expect(page.get_by_label("Memo", exact=True)).to_have_value("from this tab")
    expect(page.locator("#saved")).to_have_text("Draft saved")
    assert "at the next post" not in stored(page)
    assert names(page) == ["sealed /2/draft", "unsent somebody /else"]
    assert page.evaluate("sessionStorage.length") == 0

    sign_out(desk)
    type_answers(page)
    expect(page.locator("#saved")).to_contain_text("You are signed out")
    with desk.live.database.writing() as db:
        other_key = update(Account).where(col(Account.id) == desk.annotator.account_id)
        db.execute(other_key.values(browser_secret=new_secret()))
    sign_in_again(desk, page)
    page.goto(f"{desk.path}/1")

    expect(page.locator("#saved")).to_contain_text("cannot be opened any more")
    assert names(page) == ["sealed /2/draft", "unsent somebody /else"]


def test_without_ciphers_answers_wait_in_the_tab_alone(desk: Desk, new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    desk.signed_in(page)
    page.locator("#coding[data-kept=yes]").wait_for()
    page.evaluate(LEAVE_OPEN)
    sign_out(desk)
    type_answers(page)
    expect(page.locator("#saved")).to_contain_text("Leave this tab open")
    assert page.evaluate("sessionStorage.length") == 1
    sign_in_again(desk, page)

    page.reload()

    expect_answers(page)
    expect(page.locator("#saved")).to_have_text("Draft saved")
    assert page.evaluate("sessionStorage.length") == 0
    assert names(page) == ["unsent /2/draft", "unsent somebody /else"]

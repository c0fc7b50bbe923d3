"""The coding desk where the server does not take a draft: what is said, and what is kept in the browser."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, update
from sqlmodel import col, select

from server.accounts.models import Account, SignInSession
from server.accounts.passwords import hash_password
from server.coding.models import Draft
from server.projects.models import Member
from tests import make
from tests.browser.conftest import NewPage
from tests.browser.test_desk import Desk, chosen, desk, page

pytestmark = pytest.mark.browser
__all__ = ["desk", "page"]  # Fixtures.

PASSWORD = "a grey heron by the water"
TYPED = {"v-expression attachment", "v-emotion 1", "v-stance ambivalent"}


def sign_out(desk: Desk) -> None:
    with desk.live.database.writing() as db:
        db.execute(delete(SignInSession))
        db.execute(update(Account).values(password_hash=hash_password(PASSWORD)))


def sign_in_again(desk: Desk, page: Page) -> None:
    """As in another tab of the same browser."""
    with desk.live.database.writing() as db:
        token = make.session(db, desk.annotator.account_id)
    page.context.add_cookies([{"name": "session", "value": token, "url": desk.live.url}])


def type_answers(page: Page) -> None:
    for key in "1bj":
        page.keyboard.press(key)
    page.keyboard.press("m")
    page.keyboard.type("half a thought")
    page.keyboard.press("Escape")


def expect_answers(page: Page) -> None:
    expect(page.get_by_label("Memo", exact=True)).to_have_value("half a thought")
    assert chosen(page) == TYPED


def kept(page: Page) -> int:
    found: int = page.evaluate("Object.keys(localStorage).length")
    return found


def drafts(desk: Desk) -> int:
    with desk.live.database.reading() as db:
        return len(db.exec(select(Draft)).all())


def enter(desk: Desk, page: Page) -> None:
    with desk.live.database.reading() as db:
        name = db.exec(select(Account.name).where(col(Account.id) == desk.annotator.account_id)).one()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_signed_out_the_answers_wait_and_are_saved_after_a_new_sign_in(desk: Desk, page: Page) -> None:
    sign_out(desk)
    type_answers(page)
    said = page.locator("#saved")
    expect(said).to_contain_text("You are signed out. Sign in in another tab; your answers wait here.")
    door = said.get_by_role("link", name="Sign in")
    expect(door).to_have_attribute("target", "_blank")
    expect(door).to_have_attribute("href", re.compile(r"/sign-in\?next=%2Fprojects.*code%2F1"))
    assert kept(page) == 1

    sign_in_again(desk, page)
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(said).to_have_text("Draft saved")
    assert (kept(page), drafts(desk)) == (0, 1)
    page.keyboard.press("l")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert desk.said() == {"attachment", "1", "ambivalent", "work"}


def test_what_the_server_has_stored_since_is_newer(desk: Desk, page: Page, new_page: NewPage) -> None:
    sign_out(desk)
    type_answers(page)
    expect(page.locator("#saved")).to_contain_text("You are signed out")
    page.goto("about:blank")
    elsewhere = desk.signed_in(new_page())
    elsewhere.keyboard.press("k")
    expect(elsewhere.locator("#saved")).to_have_text("Draft saved")

    desk.signed_in(page)

    assert chosen(page) == {"v-stance favour"}
    assert kept(page) == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_submitting_while_signed_out_loses_nothing(desk: Desk, new_page: NewPage, scripts: bool) -> None:
    page = desk.signed_in(new_page(java_script_enabled=scripts))
    sign_out(desk)
    for label in ("Attachment", "Ambivalent", "Work"):
        page.locator(f"label:text-is('{label}')").click()
    page.locator(".scale label").nth(1).click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("main")).to_contain_text("nothing was submitted")

    enter(desk, page)

    expect(page.locator(".problems")).to_contain_text("nothing was submitted yet")
    expect(page.get_by_label("Attachment", exact=True)).to_be_checked()
    assert desk.revisions() == []
    page.get_by_role("button", name="Submit").click()
    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert desk.said() == {"attachment", "1", "ambivalent", "work"}


def test_a_member_who_was_deactivated_is_told_so(desk: Desk, page: Page) -> None:
    with desk.live.database.writing() as db:
        db.execute(update(Member).where(col(Member.id) == desk.annotator.member_id).values(is_active=False))
    page.keyboard.press("1")

    expect(page.locator("#saved")).to_have_text(
        "Not saved: this post is no longer yours to code. Ask the lead."
    )


def test_nothing_is_saved_for_somebody_else(desk: Desk, page: Page) -> None:
    with desk.live.database.writing() as db:
        other = make.account(db, "other")
        token = make.session(db, make.id_of(other))
    page.context.add_cookies([{"name": "session", "value": token, "url": desk.live.url}])
    page.keyboard.press("1")

    expect(page.locator("#saved")).to_contain_text("Not saved")
    assert (kept(page), drafts(desk)) == (1, 0)


def test_a_network_that_fails_is_tried_again(desk: Desk, page: Page) -> None:
    page.route("**/draft", lambda route: route.abort())
    page.keyboard.press("1")
    expect(page.locator("#saved")).to_contain_text("sent again in a moment")
    page.unroute("**/draft")

    expect(page.locator("#saved")).to_have_text("Draft saved")
    assert (kept(page), drafts(desk)) == (0, 1)

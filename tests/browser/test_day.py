"""A day of coding, from signing in to the end: twenty posts by keys alone, and some by thumb."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from server.accounts.models import Account
from server.accounts.passwords import hash_password
from server.coding.models import Coding, CodingSpan, PostQuestion
from server.projects.roles import Role
from server.rounds.models import Assignment, RoundAnnotator
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.steps import PASSWORD
from tests.browser.test_desk import VARIABLES

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def study(live: Live, n_posts: int) -> str:
    """A round of so many posts; returns the name that its annotator signs in with."""
    with live.database.writing() as db:
        project = make.project(db)
        annotator = make.member(db, project, Role.ANNOTATOR, "annotator")
        account = db.get_one(Account, annotator.account_id)
        account.password_hash = hash_password(PASSWORD)
        make.round_(
            db, project, make.published(db, project, VARIABLES), make.posts(db, project, n_posts), [annotator]
        )
        return account.name


_FOCUSED = "(document.activeElement.labels?.[0] ?? document.activeElement).innerText"


def tab_to(page: Page, words: str) -> None:
    """Go on with Tab until what has the focus says these words."""
    for _ in range(60):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim()"
        )
        if re.search(words, said):
            return
    raise AssertionError(f"no Tab leads to {words}")


def be_ready(page: Page, position: int) -> None:
    """Wait for the post at this position, and for the script that knows the keys."""
    expect(page).to_have_url(re.compile(rf"/code/{position}$"))
    expect(page.locator("html.scripted")).to_be_attached()


def answer(page: Page) -> None:
    """An answer to each question, by the keys beside them."""
    for key in ("1", "b", "i", "l"):
        page.keyboard.press(key)


def submit(page: Page, position: int) -> None:
    page.keyboard.press("Control+Enter")
    be_ready(page, position)


def sign_in_by_keys(page: Page, name: str) -> None:
    page.goto("/")
    tab_to(page, "^Name")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("sign-in"))


def use_everything(page: Page) -> None:
    """Definition, memo, unsure, a passage, a question to the lead, a skip: posts 1 to 4."""
    page.keyboard.press("1")
    page.keyboard.press("d")
    expect(page.get_by_text("What attachment means.")).to_be_visible()
    for key in "bil":
        page.keyboard.press(key)
    submit(page, 2)
    answer(page)
    page.keyboard.press("u")
    page.keyboard.press("m")
    page.keyboard.type("1 or 2?")
    submit(page, 3)
    answer(page)
    page.keyboard.press("e")
    expect(page.locator(".marking q")).to_be_visible()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("1")
    expect(page.locator(".evidence input")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    page.keyboard.type("Is it irony?")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".asked-lead")).to_contain_text("Is it irony?")
    expect(page.locator("html.scripted")).to_be_attached()
    submit(page, 4)
    page.keyboard.press("s")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    be_ready(page, 5)


def correct_the_one_before(page: Page) -> None:
    page.keyboard.press("ArrowLeft")
    be_ready(page, 19)
    page.keyboard.press("2")
    submit(page, 20)


def test_twenty_posts_without_a_mouse(live: Live, new_page: NewPage) -> None:
    name, page = study(live, 20), new_page()
    sign_in_by_keys(page, name)
    tab_to(page, "^(Continue|Start|Go on|Code).*")
    page.keyboard.press("Enter")
    be_ready(page, 1)
    use_everything(page)
    for position in range(6, 21):
        answer(page)
        submit(page, position)
    correct_the_one_before(page)
    answer(page)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile("/finished$"))

    with live.database.reading() as db:
        counter = db.exec(select(RoundAnnotator)).one()
        revisions = db.exec(select(Coding.revision).join(Assignment).where(Assignment.position == 19)).all()
        assert (counter.n_submitted, counter.n_skipped) == (19, 1)
        assert sorted(revisions) == [1, 2]
        assert len(db.exec(select(CodingSpan)).all()) == 1
        assert db.exec(select(col(PostQuestion.asked))).all() == ["Is it irony?"]
        assert db.exec(select(Coding.memo).where(col(Coding.is_unsure))).all() == ["1 or 2?"]


def tap(page: Page, label: str) -> None:
    page.locator(".question label", has_text=re.compile(rf"^\s*{label}")).first.tap()


def test_a_day_by_thumb_on_a_telephone(live: Live, new_page: NewPage) -> None:
    name = study(live, 6)
    page = new_page(**PHONE)
    page.goto("/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button.first").tap()
    page.get_by_role("link", name=re.compile("^(Continue|Start|Go on|Code)")).first.tap()
    for position in range(1, 6):
        expect(page).to_have_url(re.compile(rf"/code/{position}$"))
        reached = page.locator("#submit").bounding_box()
        assert reached is not None
        assert 422 < reached["y"] < 844 - reached["height"] + 1, "the thumb reaches the lower half"
        assert reached["height"] >= 44
        for label in ("Attachment", "1", "Against", "Work"):
            tap(page, label)
        page.locator("#submit").tap()
    expect(page).to_have_url(re.compile("/code/6$"))
    page.locator(".skipping summary").tap()
    page.get_by_label("Why do you skip this post?").select_option("unreadable")
    page.get_by_role("button", name="Skip this post").tap()
    expect(page).to_have_url(re.compile("/finished$"))

    with live.database.reading() as db:
        counter = db.exec(select(RoundAnnotator)).one()
        assert (counter.n_submitted, counter.n_skipped) == (5, 1)

"""A trainee at the keyboard: to pass, and to fail."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from server.projects.access import Access
from server.projects.models import Member
from server.projects.roles import Role
from server.rounds.actions import open_round
from server.rounds.design import Order, Purpose, RoundDesign
from server.rounds.pass_rules import PassRule
from tests import make
from tests.browser.conftest import Live, NewPage

pytestmark = pytest.mark.browser

CODEBOOK = {"stance": ("single", ("against", "favour"))}


def begun(live: Live, new_page: NewPage, **options: object) -> tuple[Page, str]:
    """A training of three posts, of which two have to be right, and a main round behind it."""
    with live.database.writing() as db:
        project = make.project(db)
        lead = make.member(db, project, Role.LEAD, "lead")
        who: Access = make.member(db, project, Role.ANNOTATOR, "trainee")
        book, posts = make.published(db, project, CODEBOOK), make.posts(db, project, 5)
        for post in posts[:3]:
            make.gold(db, book, post, {"stance": "favour"}, lead, note="“I miss the old one” decides.")
        rule = PassRule("right", 2)
        training = RoundDesign("Training", Purpose.TRAINING, (2,), 1, shows_gold=True, pass_rule=rule)
        open_round(db, lead, training)
        open_round(db, lead, RoundDesign("Main", Purpose.MAIN, (2,), 1, order=Order.GIVEN, requires=1))
        token = make.session(db, who.account_id)
    page = new_page(**options)
    page.context.add_cookies([{"name": "session", "value": token, "url": live.url}])
    page.goto(f"{live.url}/projects/{project.key}/code")
    return page, f"{live.url}/projects/{project.key}"


def as_lead(live: Live, page: Page, project: str) -> None:
    """The same browser, with the lead signed in."""
    with live.database.writing() as db:
        account = db.exec(select(Member.account_id).where(Member.role == Role.LEAD)).one()
        token = make.session(db, account)
    page.context.add_cookies([{"name": "session", "value": token, "url": live.url}])
    page.goto(f"{project}/rounds/1/training")


def answer(page: Page, keys: str) -> None:
    """Code three posts by these keys, and go on from each feedback with Enter."""
    for position, key in enumerate(keys, start=1):
        page.keyboard.press(key)
        page.keyboard.press("Control+Enter")
        expect(page).to_have_url(re.compile(rf"/code/{position}/gold$"))
        expect(page.get_by_text("“I miss the old one” decides.")).to_be_visible()
        expect(page.get_by_text("Right." if key == "2" else "Different on 1 of 1.")).to_be_visible()
        page.keyboard.press("Enter" if position != 2 else "Control+Enter")
        page.wait_for_url(re.compile(rf"/code/{position + 1}$|/training/mine"))


def test_a_trainee_passes_and_the_round_opens(live: Live, new_page: NewPage) -> None:
    page, project = begun(live, new_page)
    page.goto(f"{project}/rounds/2/code")
    expect(page.get_by_role("heading", name="Post")).to_be_visible()  # Led back to the only open round.
    assert "/rounds/1/" in page.url
    answer(page, "212")
    expect(page.get_by_role("heading", name="You have passed the training")).to_be_visible()
    page.goto(f"{project}/rounds/1/mine")
    page.locator("table.mine a").first.click()
    expect(page.get_by_text("Your answers stay as you gave them")).to_be_visible()
    page.goto(f"{project}/rounds/2/code")
    expect(page).to_have_url(re.compile(r"/rounds/2/code/1$"))


def test_a_trainee_fails_and_is_not_shamed(live: Live, new_page: NewPage) -> None:
    page, project = begun(live, new_page)
    answer(page, "112")
    expect(page.get_by_role("heading", name="You have done the whole training")).to_be_visible()
    expect(page.get_by_text("That happens to good annotators")).to_be_visible()
    page.goto(f"{project}/rounds/2/code")
    expect(page.get_by_text("opens when you have passed its training")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 800})
    as_lead(live, page, project)
    table = page.locator("table.confusions")
    expect(table).to_contain_text("Against")
    assert table.evaluate("one => one.closest('.scroll').scrollWidth <= one.closest('.scroll').clientWidth")


def test_training_without_a_script(live: Live, new_page: NewPage) -> None:
    page, _project = begun(live, new_page, java_script_enabled=False)
    page.get_by_text("Favour", exact=True).click()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Right.")).to_be_visible()
    page.get_by_role("button", name="Next post").click()
    expect(page).to_have_url(re.compile(r"/code/2$|/code/2\?$"))

"""The pieces of care on the coding desk: a warning before, posts hidden until opened, a pause suggested."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select, update

from server.care.actions import WantedCare, settle, settle_own
from server.care.models import WarningTopic
from server.corpora.models import Post
from server.projects.models import Project
from server.projects.roles import Role
from server.rounds.models import RoundAnnotator
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.test_desk import Desk, desk_of

pytestmark = pytest.mark.browser
TEXT = "I miss the old one. Post 1"


@pytest.fixture
def desk(live: Live) -> Desk:
    return desk_of(live, lambda db, project: make.published(db, project, VARIABLES))


VARIABLES = {"stance": ("single", ("against", "favour"))}


def settled(desk: Desk, **changed: object) -> None:
    usual: dict[str, object] = {
        "warning": "",
        "topic_field": "topic",
        "hides": "",
        "pause_minutes": 50,
        "shows_author": False,
        "is_timed": False,
        "added": ("violence",),
    }
    with desk.live.database.writing() as db:
        project = db.get_one(Project, desk.annotator.project_id)
        lead = make.member(db, project, Role.LEAD, "settling_lead")
        settle(db, lead, WantedCare(**(usual | changed)))  # type: ignore[arg-type]


def about_violence(desk: Desk, number: int) -> None:
    with desk.live.database.writing() as db:
        post = db.exec(
            select(Post).where(Post.project_id == desk.annotator.project_id, Post.number == number)
        ).one()
        post.extra = {"topic": "violence"}
        db.add(post)


def submitted(page: Page, leads_to: str) -> None:
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/{leads_to}")


def test_a_warning_comes_first_and_leads_to_the_post(desk: Desk, new_page: NewPage) -> None:
    settled(desk, warning="Some posts speak of death.")
    page = desk.signed_in(new_page())
    expect(page.get_by_role("heading", name="Before you code")).to_be_visible()
    expect(page.get_by_text("Some posts speak of death.")).to_be_visible()
    expect(page.get_by_role("link", name="Not now")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/code/1")
    expect(page.locator("#post")).to_contain_text(TEXT)


@pytest.mark.parametrize("has_script", [True, False])
def test_a_hidden_post_is_read_by_nobody_before_it_is_opened(
    desk: Desk, new_page: NewPage, has_script: bool
) -> None:
    settled(desk, hides="all")
    page = desk.signed_in(new_page(java_script_enabled=has_script))
    expect(page.locator("#post")).to_be_hidden()
    assert TEXT not in page.locator("main").aria_snapshot()
    page.get_by_text("Show the post", exact=True).click()
    expect(page.locator("#post")).to_be_visible()
    assert TEXT in page.locator("main").aria_snapshot()


def test_a_key_opens_it_and_the_next_is_hidden_again(desk: Desk, new_page: NewPage) -> None:
    settled(desk, hides="all")
    page = desk.signed_in(new_page())
    page.keyboard.press(".")
    expect(page.locator("#post")).to_be_visible()
    page.keyboard.press(".")
    expect(page.locator("#post")).to_be_hidden()
    page.keyboard.press("e")
    expect(page.locator("#post")).to_be_visible()
    page.keyboard.press("Escape")
    submitted(page, "2")
    expect(page.locator("#post")).to_be_hidden()


UNOPENED = "You have not opened this post yet. Open it, or skip it."


def test_an_unopened_post_is_not_submitted_and_what_was_chosen_stays(desk: Desk, new_page: NewPage) -> None:
    settled(desk, hides="all")
    page = desk.signed_in(new_page())
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".reading").get_by_text(UNOPENED)).to_be_visible()
    expect(page.get_by_role("radio", name="against")).to_be_checked()
    expect(page.locator("#post")).to_be_hidden()
    page.keyboard.press(".")
    expect(page.get_by_text(UNOPENED)).to_have_count(0)
    expect(page.get_by_text("I have opened this post")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/2")


def test_without_a_script_a_box_below_the_post_says_that_it_was_opened(desk: Desk, new_page: NewPage) -> None:
    settled(desk, hides="all")
    page = desk.signed_in(new_page(java_script_enabled=False))
    page.locator("label:text-is('Against')").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".reading").get_by_text(UNOPENED)).to_be_visible()
    page.get_by_text("Show the post", exact=True).click()
    page.get_by_label("I have opened this post").check()
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/2")


def test_a_finger_is_told_how_to_mark_a_post_once_it_is_open(desk: Desk, new_page: NewPage) -> None:
    settled(desk, hides="all")
    page = desk.signed_in(new_page(has_touch=True, is_mobile=True))
    expect(page.get_by_text("press and hold a word")).to_be_hidden()
    page.get_by_text("Show the post", exact=True).tap()
    expect(page.get_by_text("press and hold a word")).to_be_visible()


def test_a_topic_opted_out_of_is_passed_over(desk: Desk, new_page: NewPage) -> None:
    settled(desk)
    about_violence(desk, 2)
    with desk.live.database.writing() as db:
        topic = db.exec(
            select(WarningTopic).where(WarningTopic.project_id == desk.annotator.project_id)
        ).one()
        settle_own(db, desk.annotator, refused=[make.id_of(topic)], always_hides=False, pause_minutes=None)
    page = desk.signed_in(new_page())
    submitted(page, "3")
    page.goto(f"{desk.path}/2")
    expect(page.get_by_text("so it is not shown and not asked of you")).to_be_visible()
    expect(page.locator("#post")).to_have_count(0)
    assert "Post 2 \N{BROKEN HEART}" not in page.content()
    page.get_by_role("link", name="To my next post").click()
    page.wait_for_url("**/code/3")


def test_a_pause_is_suggested_calmly_with_the_next_post(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page())
    long_ago = datetime.now(UTC) - timedelta(minutes=52)
    lately = datetime.now(UTC) - timedelta(minutes=4)
    with desk.live.database.writing() as db:
        db.execute(update(RoundAnnotator).values(stretch_began_at=long_ago, done_latest_at=lately))
    submitted(page, "2")
    expect(page.get_by_text("You have been coding for 52 minutes.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    submitted(page, "3")
    expect(page.get_by_text("You have been coding")).to_have_count(0)


def test_the_desk_says_how_far_one_is_once(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page())
    assert page.locator("body").inner_text().count("of 3") == 1

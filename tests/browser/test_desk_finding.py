"""A question of sixty codes on the coding desk: found by typing, in groups, and among the last chosen."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update
from sqlmodel import Session, col

from server.codebooks.models import CodeEntry
from server.codebooks.queries import Codebook
from server.projects.models import Project
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.test_desk import Desk, chosen, desk_of

pytestmark = pytest.mark.browser

GROUPS = [f"group{letter}" for letter in "abcdef"]
CODES = tuple(each for group in GROUPS for each in (group, *(f"{group}_{place}" for place in range(9))))
PARENTS = {code: code.partition("_")[0] for code in CODES if "_" in code}


def of_sixty_codes(db: Session, project: Project) -> Codebook:
    variables = {"theme": ("multiple", CODES), "stance": ("single", ("against", "favour"))}
    book = make.published(db, project, variables, parents={"theme": PARENTS})
    db.execute(
        update(CodeEntry)
        .where(col(CodeEntry.label) == "Groupc_4")
        .values(label="Éloge funèbre", definition="A farewell to a companion.")
    )
    return book


@pytest.fixture
def desk(live: Live) -> Desk:
    return desk_of(live, of_sixty_codes)


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    page = desk.signed_in(new_page())
    expect(page.locator(".finding.ready")).to_have_count(1)
    return page


def rows(page: Page) -> Locator:
    return page.locator("#f-v-theme .code:not(.none):visible > label")


def find(page: Page, words: str) -> None:
    page.keyboard.press("f")
    expect(page.get_by_label("Find a code")).to_be_focused()
    page.keyboard.type(words)


def test_the_groups_are_shown_closed_with_how_many_they_hold(page: Page) -> None:
    assert len(CODES) == 60
    expect(rows(page)).to_have_text([group.title() for group in GROUPS])
    expect(page.locator(".opener").first).to_contain_text("9")


def test_a_code_is_found_by_label_and_definition_without_accents_and_chosen_with_enter(page: Page) -> None:
    find(page, "eloge")
    expect(rows(page)).to_have_text(["Groupc", "Éloge funèbre"])
    expect(page.locator(".finding [role=status]")).to_have_text("1 code found: Enter chooses it.")
    page.keyboard.press("Enter")
    assert chosen(page) == {"v-theme groupc_4"}
    expect(page.get_by_label("Éloge funèbre", exact=True)).to_be_focused()
    expect(page.get_by_label("Find a code")).to_have_value("")
    find(page, "companion farewell")
    expect(rows(page)).to_have_text(["Groupc", "Éloge funèbre"])
    page.keyboard.press("Enter")
    assert chosen(page) == {"v-theme groupc_4"}  # What is chosen is not taken back.


def test_the_arrows_lead_into_what_was_found_and_escape_clears(page: Page) -> None:
    find(page, "groupb_")
    expect(page.locator(".finding [role=status]")).to_have_text("9 codes found")
    page.keyboard.press("Enter")
    assert chosen(page) == set()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert chosen(page) == {"v-theme groupb_1"}
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Find a code")).to_be_focused()
    page.keyboard.type("nowhere")
    expect(rows(page)).to_have_text(["Groupb_1"])  # What is chosen stays in sight.
    expect(page.locator(".finding [role=status]")).to_have_text("No code found")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Find a code")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Find a code")).not_to_be_focused()


def test_what_was_chosen_lately_is_offered_first_at_the_next_post(desk: Desk, page: Page) -> None:
    expect(page.locator(".recent")).to_be_hidden()
    for words in ("eloge", "groupa_1", "groupa_2", "groupa_3", "groupd_4", "groupe_5"):
        find(page, words)
        page.keyboard.press("Enter")
    page.goto(f"{desk.path}/2")
    recent = page.get_by_role("group", name="Recently used").get_by_role("button")
    expect(recent).to_have_text(["Groupe_5", "Groupd_4", "Groupa_3", "Groupa_2", "Groupa_1"])
    recent.first.click()
    assert chosen(page) == {"v-theme groupe_5"}
    expect(recent.first).to_have_attribute("aria-pressed", "true")
    kept = page.evaluate("Object.entries(localStorage).find(([name]) => name.startsWith('recent '))[1]")
    assert "groupe_5" not in kept


def test_what_is_typed_to_find_a_code_is_neither_sent_nor_saved(desk: Desk, page: Page) -> None:
    find(page, "eloge")
    page.wait_for_timeout(2_000)
    expect(page.locator("#saved")).to_be_empty()


def test_without_a_script_there_is_the_plain_list(desk: Desk, new_page: NewPage) -> None:
    page = desk.signed_in(new_page(java_script_enabled=False))
    expect(rows(page)).to_have_count(60)
    expect(page.locator(".finding")).to_be_hidden()


def test_a_long_codebook_fits_a_telephone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    find(page, "group")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

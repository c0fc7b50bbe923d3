"""The coding desk as an annotator uses it: keys, drafts, what is clicked twice, and two tabs."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from server.codebooks.models import Code
from server.codebooks.queries import Codebook
from server.coding.models import Coding, CodingAnswer, Draft
from server.projects.access import Access
from server.projects.models import Project
from server.projects.roles import Role
from server.rounds.models import Assignment
from tests import make
from tests.browser.conftest import Live, NewPage

pytestmark = pytest.mark.browser

VARIABLES = {
    "expression": ("multiple", ("attachment", "dependency", "quality")),
    "emotion": ("ordinal", ("0", "1", "2", "3", "4")),
    "stance": ("single", ("against", "ambivalent", "favour")),
    "themes": ("multiple", ("work", "play")),
}
# What stands beside each answer on the page.
BADGES = {
    "Attachment": "1",
    "Dependency": "2",
    "Quality": "3",
    "Against": "i",
    "Ambivalent": "j",
    "Favour": "k",
    "Work": "l",
    "Play": "n",
}
EMOTIONS = "abcgh"


@dataclass(frozen=True)
class Desk:
    """A round of three posts, and its annotator."""

    live: Live
    annotator: Access
    path: str

    def signed_in(self, page: Page, place: str = "1") -> Page:
        """The page at this place of the round, in a browser of the annotator."""
        with self.live.database.writing() as db:
            token = make.session(db, self.annotator.account_id)
        page.context.add_cookies([{"name": "session", "value": token, "url": self.live.url}])
        page.goto(f"{self.path}/{place}")
        return page

    def revisions(self, position: int = 1) -> list[int]:
        """The stored revisions of the coding at `position`."""
        with self.live.database.reading() as db:
            found = select(Coding.revision).join(Assignment).where(Assignment.position == position)
            return list(db.exec(found.order_by(col(Coding.revision))))

    def said(self, position: int = 1) -> set[str]:
        """The keys of the codes in the coding at `position`, and "nothing" for nothing applies."""
        with self.live.database.reading() as db:
            return _said(db, position)


def _said(db: Session, position: int) -> set[str]:
    assignment = db.exec(select(Assignment).where(Assignment.position == position)).one()
    rows = db.exec(select(CodingAnswer).where(CodingAnswer.coding_id == assignment.coding_id)).all()
    keys = {make.id_of(code): code.key for code in db.exec(select(Code)).all()}
    return {"nothing" if row.nothing_applies else keys[row.code_id or 0] for row in rows}


def desk_of(live: Live, publish: Callable[[Session, Project], Codebook]) -> Desk:
    """A round of three posts and its annotator, with the codebook that `publish` makes."""
    with live.database.writing() as db:
        project = make.project(db)
        annotator = make.member(db, project, Role.ANNOTATOR, "annotator")
        make.round_(db, project, publish(db, project), make.posts(db, project, 3), [annotator])
    live.database.memory.clear()  # It may hold what `publish` has changed since.
    return Desk(live, annotator, f"/projects/{annotator.project_key}/rounds/1/code")


@pytest.fixture
def desk(live: Live) -> Desk:
    return desk_of(live, lambda db, project: make.published(db, project, VARIABLES))


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    return desk.signed_in(new_page())


def chosen(page: Page) -> set[str]:
    """The names and values of all that is chosen in the questions."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('.question :checked')].map(box => box.name + ' ' + box.value)"
    )
    return set(found)


def answer_all(page: Page) -> None:
    for key in "1bjl":
        page.keyboard.press(key)


# Keys


def test_each_answer_has_the_key_that_stands_beside_it(page: Page) -> None:
    for label, badge in BADGES.items():
        row = page.locator(".code", has=page.get_by_label(label, exact=True))
        expect(row.locator("kbd")).to_have_text(badge)
    expect(page.locator(".scale kbd")).to_have_text(list(EMOTIONS))
    shown = page.locator(".questions kbd:visible").all_inner_texts()
    assert len(shown) == len(set(shown))


@pytest.mark.parametrize(
    "at", ["body", "#f-v-expression", "#f-v-emotion", "#f-v-stance", "#f-v-themes", "summary", "#submit"]
)
def test_a_key_does_what_its_badge_says_wherever_the_focus_is(page: Page, at: str) -> None:
    for key, name, value in (
        ("3", "v-expression", "quality"),
        ("c", "v-emotion", "2"),
        ("k", "v-stance", "favour"),
        ("l", "v-themes", "work"),
    ):
        page.locator(f"{at} input" if at.startswith("#f-") else at).first.focus()
        before = chosen(page)
        page.keyboard.press(key)
        assert chosen(page) == before | {f"{name} {value}"}


def test_a_digit_never_changes_a_question_that_shows_none(page: Page) -> None:
    page.keyboard.press("i")
    page.locator("label:text-is('Ambivalent')").click()
    page.keyboard.press("3")
    page.keyboard.press("b")
    page.keyboard.press("1")
    page.keyboard.press("7")

    assert chosen(page) == {
        "v-stance ambivalent",
        "v-expression quality",
        "v-expression attachment",
        "v-emotion 1",
    }


def test_a_key_without_a_badge_chooses_nothing(page: Page) -> None:
    for key in ("4", "9", "z", "d", "Enter", "ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)

    assert chosen(page) == set()
    expect(page).to_have_url(re.compile(r"/code/1$"))


def test_caps_lock_does_not_matter_and_a_chord_chooses_nothing(page: Page) -> None:
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'B', bubbles: true}))")
    page.keyboard.press("Shift+C")
    page.keyboard.press("Alt+1")

    assert chosen(page) == {"v-emotion 1"}


def test_arrows_lead_to_the_neighbours_and_change_no_answer(desk: Desk, page: Page) -> None:
    answer_all(page)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/code/2$"))
    page.keyboard.press("c")
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"/code/1$"))
    page.get_by_label("Ambivalent").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert chosen(page) == {"v-emotion 2"}  # What was typed and not submitted is kept.
    assert desk.said() == {"attachment", "1", "ambivalent", "work"}


def test_typing_in_the_memo_fires_no_key(page: Page) -> None:
    page.keyboard.press("m")
    page.keyboard.type("s 1 0 abc? u d m")
    page.keyboard.press("ArrowLeft")

    expect(page.get_by_label("Memo", exact=True)).to_have_value("s 1 0 abc? u d m")
    assert chosen(page) == set()
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator(".skipping .panel")).to_be_hidden()
    expect(page.get_by_label("I am unsure")).not_to_be_checked()


def test_commands_open_what_they_say(page: Page) -> None:
    page.keyboard.press("u")
    expect(page.get_by_label("I am unsure")).to_be_checked()
    page.keyboard.press("d")
    expect(page.get_by_text("What attachment means.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Change the keys")
    page.keyboard.press("1")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    assert chosen(page) == set()


def test_nothing_applies_excludes_the_codes_both_ways(page: Page) -> None:
    page.keyboard.press("1")
    page.keyboard.press("l")
    page.keyboard.press("0")
    assert chosen(page) == {"none-expression on", "v-themes work"}
    page.keyboard.press("2")
    assert chosen(page) == {"v-expression dependency", "v-themes work"}
    page.locator(".code.none").last.click()
    assert chosen(page) == {"v-expression dependency", "none-themes on"}
    page.locator("label:text-is('Play')").click()
    assert chosen(page) == {"v-expression dependency", "v-themes play"}


# Submitting


def test_ctrl_enter_submits_even_from_the_memo(desk: Desk, page: Page) -> None:
    answer_all(page)
    page.keyboard.press("m")
    page.keyboard.type("a note")
    page.keyboard.press("Control+Enter")

    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert desk.said() == {"attachment", "1", "ambivalent", "work"}


def test_what_was_wrong_is_said_until_it_is_answered(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator(".problems li")).to_have_count(4)
    for left, key in ((3, "1"), (2, "b"), (1, "j")):
        page.keyboard.press(key)
        expect(page.locator(".problems li")).to_have_count(left)
        expect(page.locator(".question .error")).to_have_count(left)
    page.keyboard.press("l")
    expect(page.locator(".problems, .error, [aria-invalid]")).to_have_count(0)


def test_a_double_click_stores_one_coding(desk: Desk, page: Page) -> None:
    answer_all(page)
    page.get_by_role("button", name="Submit").dblclick()

    expect(page).to_have_url(re.compile(r"/code/2$"))
    assert desk.revisions() == [1]
    assert desk.revisions(2) == []


def test_back_and_submit_again_stores_no_second_coding(desk: Desk, page: Page) -> None:
    answer_all(page)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/code/2$"))
    page.go_back()
    expect(page.get_by_role("button", name="Submit")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("Control+Enter")

    expect(page).to_have_url(re.compile(r"/code/2$"))
    expect(page.locator(".notice")).to_contain_text("Nothing had changed")
    assert desk.revisions() == [1]


def test_two_tabs_show_both_versions(desk: Desk, page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#coding[data-kept=yes]").wait_for()  # Or it finds what the first tab keeps meanwhile.
    answer_all(page)
    answer_all(other)
    other.keyboard.press("k")
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/code/2$"))
    other.keyboard.press("Control+Enter")

    expect(other.get_by_role("heading", level=1)).to_have_text("Two versions of your coding")
    row = other.get_by_role("row", name="Stance")
    expect(row).to_contain_text("Ambivalent")
    expect(row).to_contain_text("Favour")
    assert desk.said() == {"attachment", "1", "ambivalent", "work"}
    other.get_by_role("button", name="Submit this form").click()
    expect(other).to_have_url(re.compile(r"/code/2$"))
    assert desk.said() == {"attachment", "1", "favour", "work"}


# Drafts and corrections


def test_a_draft_is_saved_soon_and_resumed_elsewhere(desk: Desk, page: Page, new_page: NewPage) -> None:
    page.keyboard.press("2")
    page.keyboard.press("m")
    page.keyboard.type("half a thought")

    expect(page.locator("#saved")).to_have_text("Draft saved", timeout=2_500)

    elsewhere = desk.signed_in(new_page())
    assert chosen(elsewhere) == {"v-expression dependency"}
    expect(elsewhere.get_by_label("Memo", exact=True)).to_have_value("half a thought")
    expect(elsewhere.locator("#saved")).to_contain_text("Draft from")
    assert desk.revisions() == []


def test_a_correction_is_unfinished_until_it_is_submitted_or_discarded(desk: Desk, page: Page) -> None:
    answer_all(page)
    page.keyboard.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/code/2$"))
    page.get_by_role("link", name="My codings").click()
    page.get_by_role("row", name="submitted").get_by_role("link").click()
    unfinished = page.get_by_text("Correction not submitted yet", exact=True)
    expect(unfinished).to_be_hidden()

    page.keyboard.press("k")
    expect(unfinished).to_be_visible()
    page.get_by_role("button", name="Discard the correction").click()
    expect(page.locator(".notice")).to_contain_text("is discarded")
    expect(unfinished).to_be_hidden()
    assert "v-stance ambivalent" in chosen(page)

    page.keyboard.press("k")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My codings")
    expect(page.locator(".notice")).to_have_text("Your correction of post 1 is stored.")
    assert desk.revisions() == [1, 2]
    assert draft_count(desk) == 0


def draft_count(desk: Desk) -> int:
    with desk.live.database.reading() as db:
        return len(db.exec(select(Draft)).all())

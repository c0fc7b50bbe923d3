"""Scales, numbers and texts on the coding desk: their keys, their labels, and the way into them."""

import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlmodel import Session, col

from server.clock import now
from server.codebooks.models import CodeEntry, VariableEntry
from server.codebooks.queries import Codebook
from server.projects.models import Project
from server.rounds.models import Round
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.test_desk import Desk, chosen, desk_of

pytestmark = pytest.mark.browser

VARIABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "tone": ("ordinal", ("negative", "neutral", "positive")),
    "stance": ("single", ("against", "favour")),
    "count": ("number", ()),
    "why": ("text", ()),
    "themes": ("multiple", ("work", "play")),
}


def from_minus_one(db: Session, project: Project) -> Codebook:
    book = make.published(db, project, VARIABLES)
    db.execute(
        update(CodeEntry)
        .where(col(CodeEntry.variable_id) == book.variable_by_key["tone"].id)
        .values(value=CodeEntry.value - 1)  # type: ignore[operator]
    )
    db.execute(update(VariableEntry).values(is_required=True))
    return book


@pytest.fixture
def desk(live: Live) -> Desk:
    return desk_of(live, from_minus_one)


@pytest.fixture
def page(desk: Desk, new_page: NewPage) -> Page:
    return desk.signed_in(new_page())


def answer_all(page: Page) -> None:
    for key in "c1i":
        page.keyboard.press(key)
    page.get_by_label("Count").fill("3")
    page.get_by_label("Why", exact=True).fill("because")


def test_a_digit_never_chooses_the_step_of_another_number(page: Page) -> None:
    expect(page.locator(".scale kbd")).to_have_text(["a", "b", "c"])
    page.keyboard.press("1")
    assert chosen(page) == {"v-stance against"}
    page.keyboard.press("c")
    assert chosen(page) == {"v-stance against", "v-tone positive"}


def test_own_keys_do_what_their_badges_say_and_can_be_switched_off(desk: Desk, page: Page) -> None:
    page.keyboard.press("?")
    page.get_by_role("link", name="Change the keys").click()
    page.get_by_label("Favour", exact=True).fill("x")
    page.get_by_label("Memo", exact=True).fill("w")
    page.get_by_role("button", name="Save the keys").click()
    expect(page.locator(".notice")).to_contain_text("Your keys are saved.")
    page.goto(f"{desk.path}/1")
    page.keyboard.press("2")
    page.keyboard.press("m")
    assert chosen(page) == set()
    page.keyboard.press("x")
    assert chosen(page) == {"v-stance favour"}
    page.keyboard.press("w")
    expect(page.get_by_label("Memo", exact=True)).to_be_focused()
    page.goto(desk.path.removesuffix("/code") + "/keys")
    page.get_by_label("Switch all keys").check()
    page.get_by_role("button", name="Save the keys").click()
    page.goto(f"{desk.path}/2")
    for key in ("1", "x", "w", "s", "?"):
        page.keyboard.press(key)
    assert chosen(page) == set()
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator(".question kbd")).to_have_count(0)


def test_every_step_shows_its_label(page: Page) -> None:
    expect(page.locator(".scale .caption")).to_have_text(["Negative", "Neutral", "Positive"])
    expect(page.get_by_role("radio", name=re.compile("^0 ?: Neutral$"))).to_have_count(1)


def test_a_field_has_a_key_and_escape_leads_out_of_it(page: Page) -> None:
    expect(page.locator("fieldset", has=page.get_by_label("Count")).locator("legend kbd")).to_have_text("g")
    page.keyboard.press("g")
    expect(page.get_by_label("Count")).to_be_focused()
    page.keyboard.type("12")
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    expect(page.get_by_label("Why", exact=True)).to_be_focused()
    page.keyboard.type("1 b")
    page.keyboard.press("Escape")
    page.keyboard.press("2")

    assert chosen(page) == {"v-stance favour"}
    expect(page.get_by_label("Count")).to_have_value("12")
    expect(page.get_by_label("Why", exact=True)).to_have_value("1 b")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("leave the field you write in")


def test_a_link_to_what_is_wrong_leads_where_one_can_answer(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    problems = page.locator(".problems a")
    problems.filter(has_text="Count").click()
    expect(page.get_by_label("Count")).to_be_focused()
    page.keyboard.type("7")
    assert chosen(page) == set()
    expect(problems.filter(has_text="Count")).to_have_count(0)
    problems.filter(has_text="Why").click()
    expect(page.get_by_label("Why", exact=True)).to_be_focused()
    problems.filter(has_text="Stance").click()
    expect(page.get_by_label("Against")).to_be_focused()
    problems.filter(has_text="Themes").click()
    expect(page.get_by_label("Work")).to_be_focused()


def test_without_a_script_a_link_leads_into_the_field_and_no_key_is_shown(
    desk: Desk, new_page: NewPage
) -> None:
    page = desk.signed_in(new_page(java_script_enabled=False))
    assert not [each for each in page.locator("#coding kbd").all() if each.is_visible()]
    page.get_by_role("button", name="Submit").click()
    page.locator(".problems a").filter(has_text="Count").click()
    expect(page.get_by_label("Count")).to_be_focused()


def test_the_keys_are_shown_where_the_script_runs(page: Page) -> None:
    assert page.locator(".question kbd").first.is_visible()


def test_a_mandatory_choice_says_so(page: Page) -> None:
    hint = page.locator("#f-v-themes .hint").first
    expect(hint).to_have_text("all that apply, required")


@pytest.mark.parametrize("width", [1280, 1024, 390])
def test_the_buttons_of_a_correction_stand_in_one_row(desk: Desk, page: Page, width: int) -> None:
    for following in (2, 3):
        answer_all(page)
        page.keyboard.press("Control+Enter")
        expect(page).to_have_url(re.compile(rf"/code/{following}$"))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{desk.path}/2")

    boxes = [page.locator(each).bounding_box() for each in ("#back", "#next", "#submit")]
    found = [box for box in boxes if box]
    assert len(found) == 3
    assert max(box["y"] for box in found) < min(box["y"] + box["height"] for box in found)
    assert [box["x"] for box in found] == sorted(box["x"] for box in found)


def test_a_locked_post_says_where_its_button_leads(desk: Desk, page: Page) -> None:
    with desk.live.database.writing() as db:
        db.execute(update(Round).values(locked_at=now()))
    page.reload()
    page.get_by_role("link", name="To my codings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My codings")


def test_d_opens_the_definition_of_the_code_one_is_at_and_closes_it(page: Page) -> None:
    against, favour = (page.get_by_text(f"What {code} means.") for code in ("against", "favour"))
    page.get_by_label("Against").focus()
    page.keyboard.press("d")
    expect(against).to_be_visible()
    expect(favour).to_be_hidden()
    expect(page.get_by_label("Against")).to_be_focused()
    page.keyboard.press("d")
    expect(against).to_be_hidden()
    page.keyboard.press("Shift+D")
    expect(against).to_be_visible()
    expect(favour).to_be_visible()
    page.get_by_label("Positive").focus()
    page.keyboard.press("d")
    expect(page.get_by_text("What positive means.")).to_be_visible()
    assert chosen(page) == set()


@pytest.mark.parametrize("size", [(1280, 700), (375, 500)], ids=["wide", "phone"])
def test_a_definition_covers_neither_the_post_nor_its_code(
    desk: Desk, page: Page, size: tuple[int, int]
) -> None:
    with desk.live.database.writing() as db:
        db.execute(update(CodeEntry).values(definition="What it means, at length. " * 12))
    desk.live.database.memory.clear()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.reload()
    last = page.get_by_label("Play")
    last.focus()
    post = page.locator(".post").bounding_box()
    page.keyboard.press("d")
    if size[0] > 900:
        assert page.locator(".post").bounding_box() == post
    expect(page.locator(".code", has=last).locator("details p")).to_be_in_viewport()
    expect(page.get_by_text("Play", exact=True).first).to_be_in_viewport()
    assert page.evaluate(
        """() => {
          const box = document.querySelector("label[for='f-v-themes-play']").getBoundingClientRect();
          return document.elementFromPoint(box.left + 5, box.top + 5).closest(".code") !== null;
        }"""
    )


def test_a_label_from_right_to_left_stands_beside_its_box(desk: Desk, new_page: NewPage) -> None:
    with desk.live.database.writing() as db:
        db.execute(update(CodeEntry).where(col(CodeEntry.label) == "Against").values(label="ضد"))
    desk.live.database.memory.clear()
    page = desk.signed_in(new_page())
    box = page.locator("#f-v-stance-against").bounding_box()
    gap = page.evaluate(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.querySelector("label[for='f-v-stance-against']"));
          return range.getBoundingClientRect().left;
        }"""
    )
    assert box
    assert 0 < gap - (box["x"] + box["width"]) < 24

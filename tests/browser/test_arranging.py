"""The draft of a codebook arranged with a handle: by keys, by the mouse, and without a script."""

import pytest
from playwright.sync_api import Page, expect

from server.codebooks import queries
from server.projects.access import Access
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.cast import make_cast

pytestmark = pytest.mark.browser


class Draft:
    """The lead at the draft of a study."""

    def __init__(self, live: Live, lead: Access) -> None:
        self.live, self.lead = live, lead

    def open(self, page: Page) -> Page:
        with self.live.database.writing() as db:
            token = make.session(db, self.lead.account_id)
        page.context.add_cookies([{"name": "session", "value": token, "url": self.live.url}])
        page.goto(f"/projects/{self.lead.project_key}/codebook/draft")
        return page

    def codes(self) -> list[str]:
        """The codes of "expression", each behind the one that it stands below."""
        with self.live.database.reading() as db:
            variable = queries.being_written(db, self.lead.project_id).variable_by_key["expression"]
        by_id = variable.code_by_id
        return [
            f"{by_id[code.parent_id].key}/{code.key}" if code.parent_id else code.key
            for code in variable.codes
        ]

    def variables(self) -> list[str]:
        with self.live.database.reading() as db:
            return list(queries.being_written(db, self.lead.project_id).variable_by_key)


@pytest.fixture
def draft(live: Live) -> Draft:
    with live.database.writing() as db:
        cast = make_cast(db)
        make.published(db, cast.project)
    return Draft(live, cast.lead)


def test_keys_move_and_nest_and_say_so(draft: Draft, new_page: NewPage) -> None:
    page = draft.open(new_page())
    told = page.locator("body > [role=status].unseen")
    handle = page.get_by_role("button", name="Move: Quality", exact=True)
    handle.focus()
    page.keyboard.press("ArrowUp")
    expect(told).to_have_text("Quality is now 2 of 3.")
    expect(handle).to_be_focused()
    page.keyboard.press("Alt+ArrowRight")
    expect(told).to_have_text("Quality is now 1 of 1 below Attachment.")
    assert draft.codes() == ["attachment", "attachment/quality", "dependency"]
    page.keyboard.press("ArrowLeft")
    expect(told).to_have_text("Quality is now 2 of 3.")
    page.get_by_role("button", name="Move: Stance", exact=True).focus()
    page.keyboard.press("ArrowUp")
    expect(told).to_have_text("Stance is now 2 of 3.")
    assert draft.variables() == ["expression", "stance", "emotion"]

    other = draft.open(new_page())
    other.get_by_role("button", name="Move: Stance", exact=True).press("ArrowUp")
    expect(other.locator("body > [role=status].unseen")).to_have_text("Stance is now 1 of 3.")
    handle.press("ArrowUp")
    expect(page.get_by_role("alert")).to_contain_text("The draft was changed after this form was opened")
    assert draft.codes() == ["attachment", "quality", "dependency"]


def test_the_hand_drags_below_another_and_buttons_do_it_without_a_script(
    draft: Draft, new_page: NewPage
) -> None:
    page = draft.open(new_page())
    handle = page.get_by_role("button", name="Move: Quality", exact=True)
    row = page.locator("[data-item='expression=attachment']").bounding_box()
    at = handle.bounding_box()
    assert row
    assert at
    page.mouse.move(at["x"] + 5, at["y"] + 5)
    page.mouse.down()
    page.mouse.move(at["x"] + 20, at["y"] - 10)
    page.mouse.move(at["x"] + 40, row["y"] + row["height"] - 3)
    expect(page.locator(".landing")).to_have_count(1)
    page.mouse.up()
    expect(page.locator("body > [role=status].unseen")).to_have_text(
        "Quality is now 1 of 1 below Attachment."
    )
    assert draft.codes() == ["attachment", "attachment/quality", "dependency"]

    plain = draft.open(new_page(java_script_enabled=False))
    expect(plain.locator(".handle").first).to_be_hidden()
    plain.get_by_role("button", name="Take out from below the other: Quality").click()
    plain.get_by_role("button", name="Put below the one before: Dependency").click()
    assert draft.codes() == ["attachment", "quality", "quality/dependency"]
    page.set_viewport_size({"width": 320, "height": 640})
    page.reload()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

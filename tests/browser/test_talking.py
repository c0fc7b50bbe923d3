"""A revealed round discussed and coded again, and a consensus meeting: both by keys alone."""

import pytest
from playwright.sync_api import Page, expect

from server.adjudication.meetings import begin
from server.clock import now
from server.norming.models import SecondsAsked
from server.projects.access import Access
from server.rounds.models import Round
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.browser


def signed_in(page: Page, live: Live, who: Access, path: str) -> Page:
    """The page of the study at `path`."""
    with live.database.writing() as db:
        token = make.session(db, who.account_id)
    page.context.add_cookies([{"name": "session", "value": token, "url": live.url}])
    page.goto(f"/projects/{who.project_key}/{path}")
    return page


@pytest.fixture
def cast(live: Live) -> Cast:
    """Two annotators differ on two posts of a revealed round; second codings are asked for."""
    with live.database.writing() as db:
        cast = make_cast(db)
        book = make.published(db, cast.project)
        posts = make.posts(db, cast.project, 2)
        coders = [cast.annotator, cast.other_annotator]
        of = make.round_(db, cast.project, book, posts, coders, locked_at=make.MOMENT)
        for post in posts:
            for coder, stance in zip(coders, ("favour", "against"), strict=True):
                answers: make.Answers = {"expression": ["quality"], "emotion": "2", "stance": stance}
                make.coding(db, book, of, post, coder, answers)
        db.get_one(Round, of.id).revealed_at = now()
        by = cast.lead.account_id
        db.add(SecondsAsked(round_id=make.id_of(of), is_open=True, changed_by=by, changed_at=now()))
        begin(db, cast.lead, [1, 2])
    return cast


def test_a_second_coding_by_keys(live: Live, cast: Cast, new_page: NewPage) -> None:
    page = signed_in(new_page(), live, cast.annotator, "rounds/1/side-by-side/1")
    again = page.locator("#again")
    box, other = (again.locator(f"[name=v-stance][value={code}]") for code in ("favour", "against"))
    expect(other).not_to_be_visible()
    page.keyboard.press(other.get_attribute("data-key") or "")
    expect(other).to_be_checked()
    expect(box).not_to_be_checked()
    nothing = again.locator("[data-none]")
    page.keyboard.press(nothing.get_attribute("data-key") or "")
    expect(again.get_by_role("checkbox", name="Quality", exact=True)).not_to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("after discussion", exact=True)).to_be_visible()
    expect(page.locator("main")).to_contain_text("Stance changed answer")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Post 2")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Post 1")


def test_a_consensus_by_keys(live: Live, cast: Cast, new_page: NewPage) -> None:
    page = signed_in(new_page(), live, cast.lead, "disagreements/meeting/1")
    for _post in range(2):
        favour = page.get_by_role("button", name="Favour")
        heading = page.get_by_role("heading", level=1).inner_text()
        page.keyboard.press(favour.get_attribute("data-key") or "")
        expect(page.get_by_role("heading", level=1)).not_to_have_text(heading)
    expect(page.locator("main")).to_contain_text("Disagreements")

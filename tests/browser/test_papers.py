"""From a page to a paper: the figure and the table of a page, taken along by its links."""

from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Locator, Page

from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.furnished import Furnished

pytestmark = pytest.mark.browser


def test_figures_and_tables_are_taken_along(furnished: Furnished, live: Live, new_page: NewPage) -> None:
    lead = furnished.people["lead"]
    assert lead
    with live.database.writing() as db:
        token = make.session(db, lead.account_id)
    page = new_page()
    page.context.add_cookies([{"name": "session", "value": token, "url": live.url}])
    page.goto(f"/projects/{furnished.parts['project_key']}/results/together")
    page.get_by_label("Question").select_option(label="Where does the writer stand on the retirement?")
    page.get_by_role("button", name="Show").click()
    links = page.get_by_role("group", name="Take along: Codes together")
    assert taken(page, links.get_by_role("link", name="SVG").first).read_text("utf-8").startswith("<?xml")
    [table] = Document(str(taken(page, links.get_by_role("link", name="Word")))).tables
    assert len(table.columns) == len(table.rows) == 4, "three codes of the question are on posts"
    page.emulate_media(media="print")
    assert not links.is_visible()


def taken(page: Page, link: Locator) -> Path:
    with page.expect_download() as started:
        link.click()
    return Path(started.value.path())

"""The page of an import that goes on by itself: progress seen, cancelled with nothing left, and finished."""

from pathlib import Path
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import func, select

from server.corpora import carrying
from server.corpora.models import Post
from server.projects.roles import Role
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.corpora.files import csv

pytestmark = pytest.mark.browser
MANY = 5_500


@pytest.fixture
def page(live: Live, new_page: NewPage, tmp_path: Path) -> Page:
    """The preview of a file with some thousand posts."""
    with live.database.writing() as db:
        project = make.project(db)
        token = make.session(db, make.member(db, project, Role.LEAD, "lead").account_id)
    file = tmp_path / "many.csv"
    file.write_bytes(csv(*range(MANY)))
    page = new_page()
    page.context.add_cookies([{"name": "session", "value": token, "url": live.url}])
    page.goto(f"{live.url}/projects/{project.key}/posts/import")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main form button.first").click()
    return page


def n_posts(live: Live) -> int:
    with live.database.reading() as db:
        return db.connection().scalar(select(func.count()).select_from(Post)) or 0


def test_an_import_is_watched_cancelled_and_done_again(
    live: Live, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, insert = Event(), carrying._Import._insert

    def held(*values: Any) -> int:
        n_rows = insert(*values)
        assert may_go_on.wait(20)
        return n_rows

    monkeypatch.setattr(carrying._Import, "_insert", held)
    page.get_by_role("button", name="Import 5,500 posts").click()
    expect(page.get_by_role("heading", name="Writing the posts where nobody sees them yet.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("max", str(MANY))
    page.get_by_role("button", name="Cancel the import").click()
    expect(page.get_by_role("heading", name="The import is being cancelled.")).to_be_visible()
    may_go_on.set()
    expect(page.get_by_role("status")).to_contain_text("The import was cancelled. Nothing was imported")
    assert n_posts(live) == 0
    page.get_by_role("link", name="many.csv").click()
    page.get_by_role("button", name="Import 5,500 posts").click()
    expect(page.get_by_role("status")).to_contain_text("5,500 posts were imported.")
    assert n_posts(live) == MANY

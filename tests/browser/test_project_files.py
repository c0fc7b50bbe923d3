"""A whole project through the page and back: out as REFI-QDA, as the standard has it, and into an empty."""

import csv
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import xmlschema
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Live, NewPage
from tests.browser.test_shared_formats import signed_in
from tests.cast import make_cast
from tests.conftest import SHARED
from tests.exchange.test_qda import APART, empty, study

SCHEMAS = SHARED / "data/formats/refi-qda"

pytestmark = pytest.mark.browser
Rows = list[dict[str, str]]


def test_a_project_leaves_by_the_page_and_comes_back_the_same(
    live: Live, new_page: NewPage, tmp_path: Path
) -> None:
    with live.database.writing() as db:
        cast, there = make_cast(db), empty(db)
        study(db, cast)
    page, other = new_page(), new_page()
    project = signed_in(live, page, cast.lead)
    packed = tmp_path / "study.qdpx"
    packed.write_bytes(project_file(page, project))
    is_valid(zipfile.ZipFile(packed).read("project.qde"), "Project.xsd")
    is_valid(codebook_file(page, project), "Codebook.xsd")
    elsewhere = signed_in(live, other, there)
    bring_in(other, elsewhere, packed)
    assert codebook_rows(other, elsewhere) == codebook_rows(page, project)
    assert codings(other, elsewhere, with_names=True) == codings(page, project, with_names=False)


def taken(page: Page, by: Locator) -> Path:
    with page.expect_download() as started:
        by.click()
    return Path(started.value.path())


def project_file(page: Page, project: str) -> bytes:
    page.goto(f"{project}/download")
    card = page.locator("form.card").filter(has_text="REFI-QDA")
    card.get_by_label("With the texts").check()
    return taken(page, card.get_by_role("button")).read_bytes()


def codebook_file(page: Page, project: str) -> bytes:
    page.goto(f"{project}/codebook")
    return taken(page, page.get_by_role("link", name="QDC")).read_bytes()


def is_valid(described: bytes, schema: str) -> None:
    """Nothing is asked where the schemas are not at hand."""
    if SCHEMAS.is_dir():
        xmlschema.XMLSchema(str(SCHEMAS / schema)).validate(BytesIO(described))


def bring_in(page: Page, project: str, file: Path) -> None:
    page.goto(f"{project}/qdpx")
    page.get_by_label("Project (.qdpx)").set_input_files(file)
    page.get_by_role("button", name="Upload and look it over").click()
    page.get_by_role("button", name="Import the project").click()
    expect(page.get_by_role("status")).to_contain_text("3 posts were imported. 6 codings were imported.")


def read(file: Path) -> Rows:
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def codebook_rows(page: Page, project: str) -> Rows:
    page.goto(f"{project}/codebook")
    return read(taken(page, page.get_by_role("link", name="Download as CSV")))


def codings(page: Page, project: str, *, with_names: bool) -> Rows:
    """The download of codings, but for what a file cannot bring back."""
    page.goto(f"{project}/download")
    card = page.locator("form.card").filter(has_text="All codings")
    card.get_by_label("With names").set_checked(with_names)
    rows = read(taken(page, card.get_by_role("button")))
    return sorted(({name: row[name] for name in row if name not in APART} for row in rows), key=repr)

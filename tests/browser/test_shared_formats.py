"""Every export of `shared/data/formats` from its file to the final dataset, through the page.

What is compared is what a researcher takes home: each cell of the downloaded CSV, with the file as `json` and
`csv` read it. Skipped where the files are not at hand.
"""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.datasets.formulas import unguard_cell
from server.projects.access import Access
from server.projects.roles import Role
from tests import make
from tests.browser.conftest import Live, NewPage
from tests.browser.reading_apart import FORMATS, READ, Told, codes_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not FORMATS.is_dir(), reason="the shared exports are not here"),
]


def signed_in(live: Live, page: Page, lead: Access) -> str:
    """Sign this browser in as the lead; returns the address of the project."""
    with live.database.writing() as db:
        token = make.session(db, lead.account_id)
    page.context.add_cookies([{"name": "session", "value": token, "url": live.url}])
    return f"/projects/{lead.project_key}"


def new_study(live: Live, page: Page, title: str) -> str:
    """An empty project, whose lead sits at this browser."""
    with live.database.writing() as db:
        lead = make.member(db, make.project(db, title), Role.LEAD, "lead")
    return signed_in(live, page, lead)


def upload_posts(page: Page, project: str, file: Path) -> None:
    page.goto(f"{project}/posts/import")
    page.get_by_label("File with posts").set_input_files(file)
    page.get_by_role("button", name="Upload and look it over").click()


def taken_in(page: Page, project: str, file: Path) -> None:
    """Upload a file with posts and import it as it was understood."""
    upload_posts(page, project, file)
    page.get_by_role("button", name=re.compile(r"^Import [\d,]+ posts?$")).click()
    expect(page.get_by_role("status")).to_be_visible()


def final_dataset(page: Page, project: str) -> list[dict[str, str]]:
    """The final dataset with its texts, as statistics software reads it."""
    page.goto(f"{project}/download")
    form = page.locator("form.card").first
    form.get_by_label("With the texts").check()
    form.get_by_label("CSV for statistics software").check()
    with page.expect_download() as started:
        form.get_by_role("button").click()
    with Path(started.value.path()).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@pytest.mark.parametrize("name", READ)
def test_an_export_comes_through_whole(live: Live, new_page: NewPage, name: str) -> None:
    read, said = READ[name]
    page, wanted = new_page(), list(read(FORMATS / name))
    project = new_study(live, page, name)
    upload_posts(page, project, FORMATS / name)
    expect(page.locator("main")).to_contain_text("the columns below need no correction")
    for number, words in said:
        row = page.locator("tbody tr", has_text=re.compile(rf"^\s*{number}\s*{words}"))
        expect(row.last).to_be_attached()
    page.get_by_role("button", name=f"Import {len(wanted)} post").click()
    expect(page.get_by_role("status")).to_contain_text(str(len(wanted)))
    found = [Told(*(row[cell] for cell in Told._fields)) for row in final_dataset(page, project)]
    assert found == wanted


def test_what_was_written_from_memory_is_taken_or_refused_in_words(live: Live, new_page: NewPage) -> None:
    """Nobody has seen the real files that these are like, so that only a word about each is asked for."""
    page = new_page()
    project = new_study(live, page, "From memory")
    for file in (*(FORMATS / "other").glob("*_FROM_MEMORY.*"), FORMATS / "4cat/columns.json"):
        upload_posts(page, project, file)
        refused = page.get_by_role("alert").filter(has_text="The file was not taken")
        expect(refused.or_(page.get_by_role("heading", name="What will happen"))).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("The file holds no posts.")


def test_codebooks_of_other_programs_become_drafts(live: Live, new_page: NewPage) -> None:
    page, folder = new_page(), FORMATS / "refi-qda"
    for file in sorted([*folder.glob("[!b]*.qd?"), *folder.glob("*.qdpx")]):
        project = new_study(live, page, file.name)
        upload_codebook(page, project, file)
        page.get_by_role("button", name="Take it over as the draft").click()
        assert drafted(page, project) == codes_of(file), file.name
    for name, said in REFUSED.items():
        upload_codebook(page, project, folder / name)
        expect(page.get_by_role("alert")).to_contain_text(said)


# What is said of the files that are no codebooks, or not whole ones.
REFUSED = {
    "bad_atlasti23_codebook_namespace_0_4_truncated.qdc": "line 11 cannot be read",
    "Codebook.xsd": "Codebook.xsd",
    "Project.xsd": "Project.xsd",
    "validation.csv": "lacks the columns",
}


def upload_codebook(page: Page, project: str, file: Path) -> None:
    page.goto(f"{project}/codebook/upload")
    page.get_by_label("File with a codebook").set_input_files(file)
    page.get_by_role("button", name="See what it would change").click()


def drafted(page: Page, project: str) -> Counter[tuple[str, str]]:
    """Each code of the draft and what stands above it; the question of codes without one is nobody's."""
    page.goto(f"{project}/codebook/draft")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download the draft").click()
    with Path(started.value.path()).open(encoding="utf-8-sig", newline="") as source:
        rows = [{name: unguard_cell(cell) for name, cell in row.items()} for row in csv.DictReader(source)]
    labels = {(row["question"], row["code"]): row["label"] for row in rows}
    questions = {row["question"]: row["question_label"] for row in rows}
    found = Counter((label, "") for label in questions.values() if label != "Codes")
    for row in rows:
        above = labels.get((row["question"], row["parent"]), questions[row["question"]])
        found[row["label"], "" if above == "Codes" else above] += 1
    return found

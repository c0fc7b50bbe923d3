"""From an empty server to a final dataset, as a lead and two annotators, with and without JavaScript."""

import csv
import re
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from server.accounts.actions import make_setup_link
from tests.browser import steps
from tests.browser.conftest import Live, NewPage

pytestmark = pytest.mark.browser

# What each annotator sees in the posts, by the beginning of their texts.
SEEN: dict[str, dict[str, tuple[str, ...]]] = {
    "one": {"I miss": ("Relational attachment",), "It was": ("Relational attachment",)},
    "two": {"I miss": ("Relational attachment",), "My rep": ("Instrumental dependency",)},
}


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_posts_to_the_final_dataset(
    live: Live, new_page: NewPage, tmp_path: Path, scripts: bool
) -> None:
    with live.database.writing() as db:
        token = make_setup_link(db)
    lead = new_page(java_script_enabled=scripts)
    steps.set_up(lead, token)
    project = steps.create_project(lead, "A small study")
    annotators = {}
    for name in ("one", "two"):
        link = steps.invite(lead, project, "Annotator")
        annotators[name] = new_page(java_script_enabled=scripts)
        annotators[name].goto(link)
        steps.make_account(annotators[name], f"Annotator {name.title()}", name)
    steps.import_posts(lead, project, tmp_path)
    steps.write_codebook(lead, project)
    steps.open_round(lead, project)
    for name, page in annotators.items():
        code_all(page, project, name)
    see_agreement(lead, project)
    decide(lead, project)
    see_results(lead, project)
    download(lead, project)


def code_all(page: Page, project: str, name: str) -> None:
    page.goto(f"{project}/code")
    for done in range(len(steps.POSTS)):
        expect(page.locator(".at-work")).to_contain_text(f"{done} of 6")
        beginning = page.locator(".post").inner_text()[:6]
        steps.code_post(page, SEEN[name].get(beginning, ()), "Against")
    expect(page).to_have_url(re.compile("/code/finished$"))
    page.goto(f"{project}/rounds/1/mine")
    expect(page.locator("main")).to_contain_text("I miss talking")


def see_agreement(page: Page, project: str) -> None:
    page.goto(f"{project}/agreement")
    main = page.locator("main")
    expect(main).to_contain_text("Relational attachment")
    expect(main).to_contain_text("undefined")  # Everybody said "against": there is no variation.


def decide(page: Page, project: str) -> None:
    """Accept what everybody says, take it back, then decide the two posts they differ on, with a reason."""
    page.goto(f"{project}/disagreements/bulk")
    page.get_by_role("radio", name="what two or more annotators say").check()
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Accept these 10").click()
    page.goto(f"{project}/disagreements/bulk")
    page.get_by_role("button", name="Undo").click()
    for text in ("It was a friend", "My reports"):
        page.goto(f"{project}/disagreements")
        page.get_by_role("row", name=text).get_by_role("link").first.click()
        expect(page.locator("main")).not_to_contain_text("Annotator One")
        page.locator("label:text-is('Relational attachment')").click()
        page.get_by_label("Reason").fill("The writer speaks of a friend.")
        page.get_by_role("button", name="Decide").click()
    page.goto(f"{project}/disagreements")
    expect(page.locator("main")).to_contain_text("2 of 2")


def see_results(page: Page, project: str) -> None:
    page.goto(f"{project}/results")
    expect(page.locator("main")).to_contain_text("Relational attachment")


def download(page: Page, project: str) -> None:
    page.goto(f"{project}/download")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download the final dataset").click()
    rows = list(csv.DictReader(StringIO(Path(started.value.path()).read_text(encoding="utf-8"))))
    with page.expect_download() as of_codings:
        form = page.locator("form", has_text="All codings")
        form.get_by_label("Format").select_option("xlsx")
        form.get_by_label("Rows and columns").select_option("wide")
        form.get_by_role("button").click()
    assert of_codings.value.suggested_filename.endswith("-codings-wide.xlsx")
    book = openpyxl.load_workbook(BytesIO(Path(of_codings.value.path()).read_bytes()))
    assert {row[0] for row in book["Data"].iter_rows(min_row=2, values_only=True)} <= {
        row["post_id"] for row in rows
    }
    assert book["Data"].max_row > len(rows)
    assert [row["post_id"] for row in rows] == [post_id for post_id, _text, _author in steps.POSTS]
    found = [
        (row["expression_relational_attachment"], row["expression_relational_attachment_basis"])
        for row in rows
    ]
    undisputed = ("0", "unanimous")
    assert found[0] == ("1", "unanimous")
    assert found[3][1] == "adjudicated"
    assert [found[place] for place in (2, 4, 5)] == [undisputed] * 3

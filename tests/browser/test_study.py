"""A study of months in a minute: from the first codebook to results, each person at a machine of their own.

Codebook, pilot round, low alpha, a change of meaning with what becomes of the codings, reliability round,
main round with a double-coded share, an annotator who leaves, adjudication by keys and in bulk, undoing,
results.
"""

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.accounts.actions import make_setup_link
from tests.browser import steps
from tests.browser.conftest import Live, NewPage
from tests.browser.looking import faults

pytestmark = pytest.mark.browser

CODES = ("Attachment", "Longing", "Dependency", "Something else")
# Synthetic posts: the beginning of each says what it expresses.
TEXTS = {
    "Attachment": "A friend to me, evening after evening",
    "Longing": "I wish it were back",
    "Dependency": "My work takes twice as long without it",
    "Something else": "The new one answers in verse",
}
N_POSTS = 28
Reading = Callable[[str], str]


def expressed(text: str) -> str:
    """What a post expresses, by the first version of the codebook."""
    return next(code for code, beginning in TEXTS.items() if text.startswith(beginning))


def told_apart_badly(text: str) -> str:
    """What somebody reads who does not tell attachment from longing, and sees dependency everywhere."""
    other = {"Attachment": "Longing", "Longing": "Attachment", "Something else": "Dependency"}
    return other.get(expressed(text), "Dependency")


def by_the_second_version(text: str) -> str:
    """What a post expresses since longing is part of attachment."""
    return expressed(text).replace("Longing", "Attachment")


def something_else(_text: str) -> str:
    """Somebody who is tired."""
    return "Something else"


def test_a_whole_study(live: Live, new_page: NewPage, tmp_path: Path) -> None:
    lead, project, people = begin(live, new_page, tmp_path)
    one, two, three, adjudicator = people
    write_codebook(lead, project)
    open_round(lead, project, "Pilot", ("One", "Two"), purpose="Pilot", size=8)
    code_all(one, project, expressed)
    code_all(two, project, told_apart_badly)
    lock(lead, project, 1)
    assert alpha(lead, project, 1) < 0.5
    change_meaning(lead, project)
    code_again(one, project, expressed)
    code_again(two, project, expressed)
    lock(lead, project, 2)
    see_no_disagreement(lead, project)
    open_round(lead, project, "Reliability", ("One", "Two"), purpose="Reliability", size=8, unused=True)
    for page in (one, two):
        code_all(page, project, by_the_second_version)
    lock(lead, project, 3)
    assert alpha(lead, project, 3) == 1
    open_round(lead, project, "Main", ("One", "Two", "Three"), purpose="Main coding", share=15, unused=True)
    code_one(three, project, by_the_second_version)
    leave(lead, project, 4, "Annotator Three")
    code_all(one, project, by_the_second_version)
    code_all(two, project, something_else)
    lock(lead, project, 4)
    decide_by_keys(adjudicator, project)
    decide_in_bulk(lead, project)
    see_results(lead, project)


def begin(live: Live, new_page: NewPage, folder: Path) -> tuple[Page, str, list[Page]]:
    """A project with posts, three annotators and an adjudicator."""
    with live.database.writing() as db:
        token = make_setup_link(db)
    lead = new_page(reduced_motion="reduce")
    steps.set_up(lead, token)
    project = steps.create_project(lead, "A study of months")
    people = []
    for name, role in (
        ("One", "Annotator"),
        ("Two", "Annotator"),
        ("Three", "Annotator"),
        ("Four", "Adjudicator"),
    ):
        page = new_page()
        page.goto(steps.invite(lead, project, role))
        steps.make_account(page, f"{role} {name}", name.lower())
        people.append(page)
    file = folder / "posts.csv"
    beginnings = [TEXTS[CODES[n % len(CODES)]] for n in range(N_POSTS)]
    lines = [f'{n},"{text}, and that is post {n}"' for n, text in enumerate(beginnings, start=1)]
    file.write_text("\n".join(["post_id,text", *lines]), encoding="utf-8")
    lead.goto(f"{project}/posts/import")
    lead.get_by_label("File with posts").set_input_files(file)
    lead.get_by_role("button", name="Upload and look it over").click()
    lead.get_by_role("button", name=f"Import {N_POSTS} posts").click()
    return lead, project, people


def write_codebook(page: Page, project: str) -> None:
    page.goto(f"{project}/codebook/draft")
    steps.add_variable(page, "What does the post express?", "Single choice", "expression")
    for label in CODES:
        steps.add_code(page, label)
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_role("status")).to_contain_text("Version 1 is published")


def open_round(
    page: Page,
    project: str,
    title: str,
    names: tuple[str, ...],
    *,
    purpose: str,
    size: int = 0,
    share: int = 0,
    unused: bool = False,
) -> None:
    page.goto(f"{project}/rounds/new")
    page.get_by_label("Title").fill(title)
    page.get_by_label(purpose, exact=True).check()
    if size:
        page.get_by_label("A random sample", exact=True).check()
        page.get_by_label("Posts in the sample").fill(str(size))
    if unused:
        page.get_by_text("Only some posts:").click()
        page.get_by_label("Posts of earlier rounds").select_option(index=1)
    for name in names:
        page.get_by_role("checkbox", name=f"Annotator {name}").check()
    if share:
        page.get_by_label("one annotator, and a random share by two").check()
        page.get_by_label("Share of posts coded by two, in per cent").fill(str(share))
    else:
        page.get_by_label("Annotators for each post").fill("2")
    page.get_by_text("Order, last day, seed").click()
    page.get_by_label("Seed").fill("7")
    page.get_by_role("button", name="Preview the plan").click()
    expect(page.locator("main")).to_contain_text("What each annotator gets")
    page.get_by_role("button", name="Open the round").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def code_all(page: Page, project: str, reads: Reading) -> None:
    """Code everything that waits, by the keys that the answers show."""
    page.goto(f"{project}/code")
    while not page.url.endswith("/finished"):
        code_here(page, reads)


def code_one(page: Page, project: str, reads: Reading) -> None:
    page.goto(f"{project}/code")
    code_here(page, reads)


def code_here(page: Page, reads: Reading) -> None:
    address = page.url
    answer = reads(page.locator(".post").inner_text())
    page.keyboard.press(
        page.locator(".code", has_text=re.compile(f"^\\s*{answer}")).locator("kbd").first.inner_text()
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != address)


def code_again(page: Page, project: str, reads: Reading) -> None:
    page.goto(f"{project}/code")
    expect(page.locator(".questions")).to_contain_text("under version 1 of the codebook: Dependency")
    code_all(page, project, lambda text: reads(text).replace("Longing", "Attachment"))


def lock(page: Page, project: str, number: int) -> None:
    page.goto(f"{project}/rounds/{number}")
    page.get_by_role("button", name="Lock the round").click()
    expect(page.locator("main")).to_contain_text("Coding has ended")


def alpha(page: Page, project: str, number: int) -> float:
    """Krippendorff's alpha of a round, as its page of agreement says it."""
    page.goto(f"{project}/agreement?round={number}")
    row = page.get_by_role("row").filter(has_text="Krippendorff").first.inner_text()
    return float(re.findall(r"-?\d*\.\d+|\b1\b", row.replace("\N{MINUS SIGN}", "-"))[0])


def see_no_disagreement(page: Page, project: str) -> None:
    """Read as the second version has it, and coded again, the pilot is unanimous."""
    page.goto(f"{project}/disagreements")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Disagreements")
    expect(page.get_by_role("row")).to_have_count(0)


def change_meaning(page: Page, project: str) -> None:
    """Merge one code, define another anew; read the first as its heir, and have the second coded again."""
    page.goto(f"{project}/codebook/draft")
    page.get_by_role("link", name="Longing").click()
    page.get_by_text("Merge it into another code").click()
    page.get_by_label("Merge it into").select_option("Attachment")
    page.get_by_role("button", name="Merge", exact=True).click()
    page.get_by_role("link", name="Dependency").click()
    page.get_by_label("Definition").fill("Work or daily life rests on the model.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What becomes of the codings so far?")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_role("alert")).to_contain_text("say what becomes of each")
    assert [fault for turn in (2, 5) for fault in faults(page, turn)] == []
    page.get_by_label("Read them as “Attachment”").check()
    again = page.get_by_role("group", name="The meaning of “Dependency”")
    again.get_by_label("Have these posts coded again, by those who gave the answer").check()
    page.get_by_label("Who codes a post again sees what they answered before").check()
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_role("status")).to_contain_text("Round 2 is open")


def leave(page: Page, project: str, number: int, name: str) -> None:
    """Give what an annotator has left to the others; what they coded stays."""
    page.goto(f"{project}/rounds/{number}/change")
    source = page.get_by_label("Posts of", exact=True)
    source.select_option(source.locator("option", has_text=name).get_attribute("value"))
    for other in ("Annotator One", "Annotator Two"):
        page.get_by_role("checkbox", name=other).check()
    page.get_by_role("button", name="See who would get how many").click()
    page.get_by_role("button", name="Give them the posts").click()
    expect(page.get_by_role("status")).to_be_visible()


def decide_by_keys(page: Page, project: str) -> None:
    """Go through the queue with keys alone, for what the writer of the post says."""
    page.goto(f"{project}/disagreements")
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    while page.locator("#decision").count():
        decide_here(page)


def decide_here(page: Page) -> None:
    address = page.url
    answer = by_the_second_version(page.locator(".post").inner_text())
    expect(page.locator("main")).not_to_contain_text("Annotator One")
    code = page.locator("#decision .code", has_text=answer).locator("input[data-key]").first
    page.keyboard.press(code.get_attribute("data-key") or "")
    page.keyboard.press("m")
    page.keyboard.type("It says so.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != address)


def decide_in_bulk(page: Page, project: str) -> None:
    """Accept what all agree on, take it back as a whole, accept it again; then the posts coded once."""
    for rule in (
        "what two or more annotators say",
        "what two or more annotators say",
        "what the only annotator",
    ):
        page.goto(f"{project}/disagreements/bulk")
        page.get_by_role("radio", name=rule).check()
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Accept these").click()
        expect(page.get_by_role("status")).to_be_visible()
        if page.locator(".rows > li").count() == 1:
            page.get_by_role("button", name="Undo").click()
            expect(page.locator(".rows")).to_contain_text("undone")


def see_results(page: Page, project: str) -> None:
    """The page of results, and the final dataset, in which every post has what it expresses."""
    page.goto(f"{project}/results")
    expect(page.locator("main")).to_contain_text("Attachment")
    expect(page.locator("main")).to_contain_text("“Longing” is read as “Attachment” since they were merged.")
    expect(page.get_by_role("row", name="Longing")).to_have_count(0)
    page.goto(f"{project}/download")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download the final dataset").click()
    rows = list(csv.DictReader(StringIO(Path(started.value.path()).read_text(encoding="utf-8"))))
    assert len(rows) == N_POSTS
    assert {row["expression_basis"] for row in rows} == {"unanimous", "adjudicated", "single"}
    decided = [row for row in rows if row["expression_basis"] == "adjudicated"]
    written = [
        CODES[(int(row["post_id"]) - 1) % len(CODES)].replace("Longing", "Attachment") for row in decided
    ]
    assert [row["expression"] for row in decided] == [code.lower().replace(" ", "_") for code in written]

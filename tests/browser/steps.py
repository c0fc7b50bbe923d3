"""What people do in the journeys, by the words they see."""

import csv
from io import StringIO
from pathlib import Path

from playwright.sync_api import Page, expect

PASSWORD = "three calm rivers"
POSTS = [
    (f"195400000000000000{n}", text, author)
    for n, (text, author) in enumerate(
        [
            ("I miss talking to it every evening \N{BROKEN HEART}", "user_a"),
            ('My reports take twice as long now;\nsecond line, with "quotes"', "user_b"),
            ("مرحبا، أشتاق إلى النموذج القديم", "user_c"),
            ("It was a friend to me", "user_a"),
            ("New one is fine #Keep4o https://example.org/a", "user_d"),
            ("=1+1 is what it answered", "user_e"),
        ],
        start=1,
    )
]


def set_up(page: Page, token: str) -> None:
    """The first admin opens the one-time link."""
    page.goto(f"/set-up/{token}")
    make_account(page, "Lead Researcher", "lead")


def make_account(page: Page, shown: str, name: str) -> None:
    """Fill in who one is."""
    page.get_by_label("Your name").fill(shown)
    page.get_by_label("Name to sign in with").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button.first").click()


def create_project(page: Page, title: str) -> str:
    """Create a project; returns its address."""
    page.goto("/")
    page.get_by_role("link", name="Create a project").first.click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Create the project").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    return page.url


def invite(page: Page, project: str, role: str) -> str:
    """Make an invitation; returns its link."""
    page.goto(f"{project}/members")
    page.get_by_role("radio", name=role).check()
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_label("Link of the invitation").input_value()


def import_posts(page: Page, project: str, folder: Path) -> None:
    """Import the posts from a semicolon file in UTF-16, as spreadsheets write them."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["post_id", "text", "author", "created_at", "topic"])
    writer.writerows((*post, f"2025-08-0{6 + n % 3}T10:00:00Z", "b") for n, post in enumerate(POSTS))
    file = folder / "posts.csv"
    file.write_bytes(text.getvalue().encode("utf-16"))
    page.goto(f"{project}/posts/import")
    page.get_by_label("File with posts").set_input_files(file)
    page.get_by_role("button", name="Upload and look it over").click()
    expect(page.locator("main")).to_contain_text("What will happen")
    page.get_by_role("button", name="Import 6 posts").click()
    expect(page.get_by_role("status")).to_contain_text("6")


def write_codebook(page: Page, project: str) -> None:
    """Write two variables and publish them."""
    page.goto(f"{project}/codebook/draft")
    add_variable(page, "What does the post express?", "Multiple choice", "expression")
    for label in ("Relational attachment", "Instrumental dependency"):
        add_code(page, label)
    add_variable(page, "Where does the writer stand?", "Single choice", "stance")
    for label in ("Against", "In favour"):
        add_code(page, label)
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.locator("main")).to_contain_text("Relational attachment")


def add_variable(page: Page, label: str, kind: str, key: str) -> None:
    """Add a variable and stay at its place in the draft."""
    page.get_by_role("link", name="Add a variable").first.click()
    page.get_by_label("Question").fill(label)
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Add the variable").click()


def add_code(page: Page, label: str) -> None:
    """Add a code to the variable that was added last."""
    page.get_by_role("link", name="Add a code").last.click()
    page.get_by_label("Label").fill(label)
    page.get_by_label("Definition").fill(f"{label} is what the post shows.")
    page.get_by_role("button", name="Add the code").click()


def open_round(page: Page, project: str) -> None:
    """Open a round in which both annotators code every post."""
    page.goto(f"{project}/rounds/new")
    page.get_by_label("Title").fill("Main round")
    for name in ("Annotator One", "Annotator Two"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_label("Annotators for each post").fill("2")
    page.get_by_role("button", name="Preview the plan").click()
    expect(page.locator("main")).to_contain_text("What each annotator gets")
    page.get_by_role("button", name="Open the round").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Main round")


def code_post(page: Page, codes: tuple[str, ...], stance: str) -> None:
    """Answer both questions about the post on the page and submit."""
    for label in (*(codes or ("Nothing applies",)), stance):
        page.locator(f"label:text-is('{label}')").click()
    page.get_by_role("button", name="Submit").click()

"""docs/privacy.md names every table, and says of cookies, files and times what the program does."""

import re
from pathlib import Path

from sqlmodel import SQLModel

from server.accounts.sessions import SESSION_LIFETIME
from server.app import ROUTERS
from server.corpora.actions import KEPT_DAYS
from server.takedown.log import FILE

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "privacy.md").read_text()
# Named by the models that the pages of the program bring along.
TABLES = set(SQLModel.metadata.tables) if ROUTERS else set()


def part(heading: str) -> str:
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    lines = [line for line in part(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named_tables() -> list[str]:
    first = part("What is stored where").partition("Outside of the database")[0]
    cells = [line.split("|")[1] for line in first.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_every_table_is_named_once() -> None:
    named = named_tables()
    assert len(named) == len(set(named))
    assert set(named) >= TABLES, "tell docs/privacy.md what the new table says of people"
    assert set(named) <= TABLES


def test_each_kind_of_data_is_explained() -> None:
    kinds = {row[3] for row in rows("What is stored where") if len(row) == 4 and "`" in row[0]}
    assert kinds == {row[0] for row in rows("What each kind of data asks for")[2:]}


def test_the_lifetimes_are_those_of_the_program() -> None:
    assert f"{SESSION_LIFETIME.days} days" in part("Cookies")
    assert KEPT_DAYS == 7
    assert "a week later" in part("How long, and how to shorten it")
    shelf = (ROOT / "server/web/static/shelf.js").read_text()
    [days] = re.findall(r"const DAYS = (\d+);", shelf)
    assert f"at most {days} days" in part("Cookies")


def test_every_cookie_is_named() -> None:
    source = (ROOT / "server/web/cookies.py").read_text()
    cookies = set(re.findall(r'_named\(request, "(\w+)"\)', source))
    assert cookies >= {"session", "notice"}
    assert {name for name in cookies if f"`{name}`" in part("Cookies")} == cookies


def test_only_scripts_that_are_told_of_store_something() -> None:
    scripts = (ROOT / "server/web/static").glob("*.js")
    storing = {
        file.name for file in scripts if re.search(r"localStorage|sessionStorage|indexedDB", file.read_text())
    }
    assert storing == {"shelf.js"}


def test_the_list_of_takedowns_is_told_of() -> None:
    assert f"`{FILE}`" in part("What is stored where")


def test_what_an_officer_asks_about_is_answered() -> None:
    answered = " ".join(row[0] for row in rows("Articles an officer asks about"))
    for article in ("6", "13", "14", "25", "28", "30", "32", "35", "89"):
        assert re.search(rf"\b{article}\b", answered), article
    assert "Art. 17" in part("Taking a post down")

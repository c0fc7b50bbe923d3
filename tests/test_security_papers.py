"""docs/security.md answers each requirement of ASVS 5.0, levels 1 and 2, by tests and places that exist."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.trust.reporting import report

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text()

# The last number of each section, and those in it that are of level 3 alone.
SECTIONS: dict[str, tuple[int, frozenset[int]]] = {
    section: (last, frozenset(higher))
    for section, last, higher in (
        ("1.1", 2, ()), ("1.2", 10, (10,)), ("1.3", 12, (12,)), ("1.4", 3, ()), ("1.5", 2, ()),
        ("2.1", 3, ()), ("2.2", 3, ()), ("2.3", 4, ()), ("2.4", 1, ()),
        ("3.2", 2, ()), ("3.3", 4, ()), ("3.4", 6, ()), ("3.5", 5, ()), ("3.7", 2, ()),
        ("4.1", 3, ()), ("4.2", 1, ()), ("4.3", 2, ()), ("4.4", 4, ()),
        ("5.1", 1, ()), ("5.2", 3, ()), ("5.3", 2, ()), ("5.4", 3, ()),
        ("6.1", 3, ()), ("6.2", 12, ()), ("6.3", 4, ()), ("6.4", 4, ()), ("6.5", 5, ()), ("6.6", 3, ()),
        ("6.8", 4, ()),
        ("7.1", 3, ()), ("7.2", 4, ()), ("7.3", 2, ()), ("7.4", 5, ()), ("7.5", 2, ()), ("7.6", 2, ()),
        ("8.1", 2, ()), ("8.2", 3, ()), ("8.3", 1, ()), ("8.4", 1, ()),
        ("9.1", 3, ()), ("9.2", 4, ()),
        ("10.1", 2, ()), ("10.2", 2, ()), ("10.3", 4, ()), ("10.4", 11, ()), ("10.5", 5, ()), ("10.6", 2, ()),
        ("10.7", 3, ()),
        ("11.1", 2, ()), ("11.2", 3, ()), ("11.3", 3, ()), ("11.4", 4, ()), ("11.5", 1, ()), ("11.6", 1, ()),
        ("12.1", 3, ()), ("12.2", 2, ()), ("12.3", 4, ()),
        ("13.1", 1, ()), ("13.2", 5, ()), ("13.3", 2, ()), ("13.4", 5, ()),
        ("14.1", 2, ()), ("14.2", 7, (5, 6, 7)), ("14.3", 3, ()),
        ("15.1", 3, ()), ("15.2", 3, ()), ("15.3", 7, ()), ("15.4", 2, (1, 2)),
        ("16.1", 1, ()), ("16.2", 5, ()), ("16.3", 4, ()), ("16.4", 3, ()), ("16.5", 3, ()),
        ("17.1", 1, ()), ("17.2", 4, ()), ("17.3", 2, ()),
    )
}  # fmt: skip
FROM_LEVEL_3 = {"1.2.10", "1.3.12", "14.2.7", "15.4.1", "15.4.2"}
WANTED = {
    f"{section}.{number}"
    for section, (last, higher) in SECTIONS.items()
    for number in range(1, last + 1)
    if number not in higher
}


@dataclass(frozen=True)
class Row:
    """An answer to a requirement."""

    number: str
    words: str
    how: str
    where: str


ROWS = [
    Row(*(cell.strip() for cell in line.strip("|").split("|")))
    for line in PAGE.splitlines()
    if re.match(r"\| \d+\.\d+\.\d+ \|", line)
]
BY_HOW = {
    how: [row for row in ROWS if row.how == how] for how in ("test", "review", "not applicable", "open")
}


def test_the_list_is_as_long_as_the_standard_says() -> None:
    assert len(WANTED) == 253
    assert sum(not number.startswith("17.") for number in WANTED) == 246


def test_each_requirement_is_answered_once() -> None:
    answered = Counter(row.number for row in ROWS)
    report(
        25, f"{len(ROWS)} requirements: " + ", ".join(f"{len(rows)} {how}" for how, rows in BY_HOW.items())
    )
    assert set(answered) == WANTED | FROM_LEVEL_3
    assert [number for number, times in answered.items() if times > 1] == []


def test_no_answer_is_blank() -> None:
    assert sum(map(len, BY_HOW.values())) == len(ROWS)
    assert [row.number for row in ROWS if len(row.words) < 4 or len(row.where) < 12] == []
    assert [row.number for row in BY_HOW["open"] if len(row.where) < 60] == []


def test_tests_and_places_are_named() -> None:
    assert [row.number for row in BY_HOW["test"] if not _tests(row.where)] == []
    assert [
        row.number
        for row in BY_HOW["review"]
        if not (_places(row.where) or re.search(r"\]\((privacy\.md)?#", row.where))
    ] == []


def test_every_test_and_place_exists() -> None:
    named = {each for row in ROWS for each in (*_tests(row.where), *_places(row.where))}
    missing = {each for each in named if not _exists(each)}
    assert missing == set()


def _tests(text: str) -> list[str]:
    return re.findall(r"`(tests/[\w/]+\.py::\w+)`", text)


def _places(text: str) -> list[str]:
    named = re.findall(r"`((?:server|docs|templates|supply|tests)(?:/[\w./-]+)?|docker-compose\.yml)`", text)
    return [each for each in named if "::" not in each]


def _exists(name: str) -> bool:
    file, _colons, function = name.partition("::")
    path = ROOT / file
    return path.exists() and (not function or function in _functions(path))


@cache
def _functions(file: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^def (test_\w+)\(", file.read_text(), re.MULTILINE))


PAGES = ("security.md", "privacy.md", "operate.md")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / "docs" / name).read_text()
    for target in re.findall(r"\]\(((?!https?:)[^)]+)\)", text):
        file, _hash, heading = target.partition("#")
        path = ROOT / "docs" / (file or name)
        assert path.exists(), target
        assert not heading or heading in _headings(path.read_text()), target


def _headings(text: str) -> set[str]:
    """The marks by which headings are reached, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}

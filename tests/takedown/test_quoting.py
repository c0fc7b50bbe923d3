"""Which lines quote a post or name its author."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.takedown.quoting import RUN, Quotes

POST = "I told it everything, and then they switched it off 💔 #Keep4o"
AUTHOR = "Lena.M"


@pytest.mark.parametrize(
    ("line", "is_quote"),
    [
        (POST, True),
        (f"She says: “{POST.upper()}”.", True),
        ("“told it everything,  and then\tthey switched” is attachment", True),
        ("They switched it off: sad.", False),
        ("lena.m again", True),
        ("Lena.Marie is somebody else", False),
        ("", False),
    ],
)
def test_a_run_of_the_text_or_the_name_of_the_author_is_a_quotation(line: str, is_quote: bool) -> None:
    assert (line in Quotes([(POST, AUTHOR)])) is is_quote


def test_a_short_post_is_quoted_by_whoever_has_all_of_it() -> None:
    quotes = Quotes([("miss you, 4o", None), ("lol", None)])
    assert "It says “Miss you, 4o”." in quotes
    assert "lol" in quotes
    assert "A mere lol is no attachment." not in quotes


def test_only_the_lines_that_quote_go() -> None:
    quotes = Quotes([(POST, AUTHOR)])
    text = f"Use for grief.\n{POST}\nNot for anger."
    assert quotes.without(text, "[taken down]") == "Use for grief.\n[taken down]\nNot for anger."
    over_lines = POST.replace("everything, and", "everything,\nand")[:40]
    assert quotes.without(over_lines, "[taken down]") == "[taken down]"
    assert quotes.without("Nothing of it.", "[taken down]") == "Nothing of it."


@settings(max_examples=60)
@given(st.text("abcd", min_size=RUN, max_size=90), st.integers(0, 65), st.text("xyz", max_size=9))
def test_a_run_is_found_wherever_it_begins_and_less_than_that_is_not(text: str, at: int, around: str) -> None:
    quotes, at = Quotes([(text, None)]), min(at, len(text) - RUN)
    assert f"{around}{text[at : at + RUN]}{around}" in quotes
    assert f"{around}{text[at : at + RUN - 1]}-{around}" not in quotes


@pytest.mark.parametrize(
    ("author", "line", "is_named"),
    [
        ("Hope", "There is hope in it.", False),
        ("Hope", "Said @hope first.", True),
        ("4o", "They miss 4o.", False),
        ("max_9", "So says max_9!", True),
        ("Lena M.", "As Lena M. says", True),
        ("@lena", "By @Lena, not by a Lena", True),
        ("lena", "By @lenas", False),
        ("\N{BROKEN HEART}", "Sad @\N{BROKEN HEART}.", True),
    ],
)
def test_elsewhere_an_author_is_named_by_no_mere_word(author: str, line: str, is_named: bool) -> None:
    assert (line in Quotes([("", author)]).elsewhere()) is is_named


def test_elsewhere_a_mere_word_quotes_nothing() -> None:
    quotes = Quotes([("lol", None), ("miss you, 4o", None), (POST, None)]).elsewhere()
    assert quotes.without("lol\nMiss you, 4o\nSad.", "-") == "lol\n-\nSad."
    assert quotes.without("told it everything,\nand then they", "-") == "-"


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=120), st.text(max_size=40), st.text(max_size=40))
def test_whatever_holds_a_run_of_the_post_is_found(text: str, before: str, after: str) -> None:
    quotes = Quotes([(text, None)])
    said = " ".join(text.split())
    if len(said.casefold()) >= RUN:
        assert f"{before} {said} {after}" in quotes
    assert quotes.without(said, "") == "" or not said

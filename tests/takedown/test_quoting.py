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
@given(st.text(min_size=1, max_size=120), st.text(max_size=40), st.text(max_size=40))
def test_whatever_holds_a_run_of_the_post_is_found(text: str, before: str, after: str) -> None:
    quotes = Quotes([(text, None)])
    said = " ".join(text.split())
    if len(said.casefold()) >= RUN:
        assert f"{before} {said} {after}" in quotes
    assert quotes.without(said, "") == "" or not said

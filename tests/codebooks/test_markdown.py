"""The codebook as Markdown: it comes back as it was, and faults name their lines."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.codebooks.changelog import LogEntry, LogLine
from server.codebooks.files import read_file
from server.codebooks.markdown import write_markdown
from server.codebooks.pages import samples
from server.codebooks.sheet import CodebookSheet, CodeSheet, VariableSheet
from server.codebooks.when import ConditionSheet
from server.errors import Refusal

NASTY = (
    "# no heading\n> no quote\n\n- no list | *no* _stress_ <b>&amp;</b> [x](y) `c` \\ \\\\\n"
    "   1. indented  \nends with \\\n**Definition**\n=SUM(A1)\n&#65; {#key}\n# Change log"
)
LOG = (
    LogEntry(
        2,
        datetime(2025, 8, 9, tzinfo=UTC),
        "# A *note*\n\nof two",
        (LogLine(True, "# “A” was merged"), LogLine(None, "The questions stand in another order.")),
    ),
)


def back(sheet: CodebookSheet) -> CodebookSheet:
    written = write_markdown(sheet, "# A *title*\nof two", LOG)
    reading = read_file(written.encode(), "codebook.md")
    assert reading.problems == ()
    return reading.sheet


def nasty(text: str) -> CodebookSheet:
    codes = (
        CodeSheet("a", text, definition=text, use_when=text, avoid_when=text, example=text),
        CodeSheet("b.c_d-e", "B", counter_example=text, parent_key="a"),
    )
    when = frozenset({ConditionSheet("q_1", "a"), ConditionSheet("q_1", "b.c_d-e")})
    return CodebookSheet(
        (
            VariableSheet("q_1", "single", text, hint=text, codes=codes),
            VariableSheet("n", "number", "N", required=False, minimum=-0.5, maximum=1e9, when=when),
            VariableSheet(
                "s", "ordinal", "S", codes=(CodeSheet("lo", "Lo", 1.5), CodeSheet("hi", "Hi", -2.0))
            ),
        )
    )


def test_texts_that_look_like_markup_come_back() -> None:
    assert back(nasty(NASTY)) == nasty(NASTY)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).map(str.strip))
def test_any_text_comes_back(text: str) -> None:
    assert back(nasty(text or "x")) == nasty(text or "x")


def test_faults_are_told_with_their_lines() -> None:
    text = (
        "# Title\nProse before is left out.\n"
        "### Early {#early}\n## Stance {#stance}\n- Kind: poem\n- Mood: x\n"
        "**Definition**\n> lost\n### For {#for}\nfree text\n- Value: 1\n- Value: 2\n"
        "### No key\n### For {#for}\n"
        "# Change log\n## Version 1\nanything"
    )
    reading = read_file(text.encode(), "codebook.md")
    told = {number: [p.message for p in reading.problems if p.number == number] for number in range(1, 18)}
    for number, words in {
        3: "before the first question",
        6: "“Mood” is not known here",
        7: "“Definition” is not known here",
        8: "not clear what this text belongs to",
        9: "The type “poem” is not known",
        10: "This line cannot be read",
        12: "“Value” stands here twice",
        13: "needs its key at the end",
    }.items():
        assert any(words in message for message in told[number]), (number, told[number])
    assert not any(told[number] for number in (1, 2, 15, 16, 17))
    with pytest.raises(Refusal, match="has no question"):
        read_file(b"# Only a title\n", "codebook.md")


def test_the_samples_of_the_upload_page_are_one_codebook() -> None:
    texts = {"codebook.csv": samples.CSV, "codebook.md": samples.MARKDOWN}
    one, other = (read_file(text.encode(), name) for name, text in texts.items())
    assert one.problems == other.problems == ()
    assert one.sheet == other.sheet
    assert "## " in samples.MARKDOWN

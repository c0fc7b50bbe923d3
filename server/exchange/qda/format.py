"""What this program says in its own REFI-QDA projects, so that it reads them as it wrote them. Pure.

The standard knows neither rounds nor answers that are no codes. A selection and a note are called after the
round they belong to; a note is what one annotator said of one post in one round beside codes: the memo, and
below it a paragraph for each number, text, doubt and reason.
"""

import re
from xml.sax.saxutils import escape, quoteattr

from server.codebooks.paragraphs import Paragraphs
from server.codebooks.refi import clean, code_guid

NAMESPACE = "urn:QDA-XML:project:1.0"
ANNOTATORS = "Annotators"
QUESTION = "Question "
UNSURE, CORRECTION = "Unsure", "Correction"
NOTE = Paragraphs(rf"{QUESTION}[\w.-]+|{UNSURE}|{CORRECTION}")
# What a post is besides its text, as variables; further fields follow them.
AUTHOR, POSTED_AT, AS_WRITTEN, LINK, THREAD, PARENT = (
    "author", "posted_at", "posted_at_as_written", "link", "thread", "parent",
)  # fmt: skip
FIXED = (AUTHOR, POSTED_AT, AS_WRITTEN, LINK, THREAD, PARENT)
_ROUND = re.compile(r"Round (\d{1,9})( \(whole post\))?")


def round_name(number: int, *, is_whole: bool = False) -> str:
    """What a selection is called; `is_whole` where no passage was marked and it spans the post."""
    return f"Round {number}" + (" (whole post)" if is_whole else "")


def read_round(name: str) -> tuple[int, bool] | None:
    """The number of the round, and whether the whole post is meant."""
    found = _ROUND.fullmatch(name)
    return (int(found[1]), found[2] is not None) if found else None


def guid_of(title: str, *path: str) -> str:
    """What names a thing that is no code: the same in every file."""
    return code_guid(title, "", *path)


def element(name: str, facts: dict[str, str], *inner: str) -> str:
    """An element of XML; what stands in it is XML already."""
    said = "".join(f" {key}={quoteattr(clean(value))}" for key, value in facts.items())
    return f"<{name}{said}>{''.join(inner)}</{name}>" if inner else f"<{name}{said}/>"


def text_element(name: str, text: str) -> str:
    """An element of XML that holds this text, its line ends as they are."""
    return f"<{name}>{escape(clean(text), {chr(13): '&#13;'})}</{name}>"

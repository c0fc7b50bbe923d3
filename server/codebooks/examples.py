"""Examples that come from posts: a paragraph each in an entry of the draft, marked with the post's number."""

from dataclasses import replace

from sqlmodel import Session

from server.codebooks.drafting import code_of, variable_of, with_code_changed
from server.codebooks.editing import code_subject, opened, write_edit
from server.codebooks.joining import with_paragraph
from server.codebooks.sheet import CodebookSheet
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access

FIELDS = ("example", "counter_example")


def add_example(
    db: Session, access: Access, variable_key: str, key: str, field: str, number: int, passage: str
) -> None:
    """Add what a post says to the examples, or the counter-examples, of a code; a draft begins if none is.

    It joins what stands there, so that it fits any edition of the draft.
    """
    before = opened(db, access, None)
    text = _said(before, variable_key, key, field)
    paragraph = "\n".join(line for line in passage.splitlines() if line.strip())
    more = f"{paragraph} {_mark(number)}"
    if more in text.split("\n\n"):
        message = _("It stands there already.")
        raise Refusal(message, {"passage": message})
    after = _with(before, variable_key, key, field, with_paragraph(text, more, "passage"))
    write_edit(db, access, before, after, "codebook.add_example", code_subject(variable_key, key))


def take_back_example(
    db: Session, access: Access, variable_key: str, key: str, field: str, number: int
) -> None:
    """Take the last example that came from this post out of the draft again."""
    before = opened(db, access, None)
    paragraphs = _said(before, variable_key, key, field).split("\n\n")
    places = [place for place, each in enumerate(paragraphs) if each.endswith(_mark(number))]
    if not places:
        raise Refusal(_("It does not stand there any more."))
    left = [each for place, each in enumerate(paragraphs) if place != places[-1]]
    after = _with(before, variable_key, key, field, "\n\n".join(left))
    write_edit(db, access, before, after, "codebook.take_back_example", code_subject(variable_key, key))


def _mark(number: int) -> str:
    # The same in every language: who reads the codebook may see another one than who wrote it.
    return f"[#{number}]"


def _said(sheet: CodebookSheet, variable_key: str, key: str, field: str) -> str:
    found: str = getattr(code_of(variable_of(sheet, variable_key), key), field)
    return found


def _with(sheet: CodebookSheet, variable_key: str, key: str, field: str, text: str) -> CodebookSheet:
    code = code_of(variable_of(sheet, variable_key), key)
    changed = replace(code, example=text) if field == FIELDS[0] else replace(code, counter_example=text)
    return with_code_changed(sheet, variable_key, key, changed)

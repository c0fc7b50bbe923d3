"""The methods text as a document for a word processor."""

import re
from collections.abc import Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as Doc

from server.methods.document import Written, to_add

# What a document cannot hold.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def document_of(of: Written) -> bytes:
    """The text with its title and headings, and at the end what is to be added."""
    document = Document()
    document.core_properties.title = _clean(of.title)[:255]
    document.core_properties.author = ""
    document.add_heading(_clean(of.title), level=0)
    for each in of.paragraphs:
        document.add_heading(_clean(each.heading), level=1)
        document.add_paragraph(_clean(each.plain))
    if of.missing:
        document.add_heading(_clean(to_add()), level=1)
        _points(document, of.missing)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _points(document: Doc, points: Sequence[str]) -> None:
    for each in points:
        document.add_paragraph(_clean(each), style="List Bullet")


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)

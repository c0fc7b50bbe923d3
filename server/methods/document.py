"""The methods text as files: plain text, Markdown, and a document for a word processor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from docx import Document
from docx.document import Document as Doc

from server.language import gettext as _
from server.methods.facts import Facts
from server.methods.gaps import not_known
from server.methods.text import Paragraph, paragraphs, plain_text

# What Markdown would take for a sign, and what a document cannot hold.
_SIGNS = re.compile(r"([\\`*_\[\]<>#])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Written:
    """The text with its title, and what its authors have to add themselves."""

    title: str
    paragraphs: tuple[Paragraph, ...]
    missing: tuple[str, ...]


def write_up(title: str, facts: Facts) -> Written:
    """The text on a study with this title, in the language in use."""
    return Written(_("Methods of “{title}”").format(title=title), paragraphs(facts), not_known(facts))


def as_text(of: Written) -> bytes:
    """Plain text: the paragraphs alone, to be pasted into a paper."""
    return f"{plain_text(of.paragraphs)}\n".encode()


def as_markdown(of: Written) -> bytes:
    """Markdown with headings, and at the end what is to be added."""
    lines = [f"# {_escaped(of.title)}"]
    for each in of.paragraphs:
        lines += [f"## {_escaped(each.heading)}", _escaped(each.plain)]
    if of.missing:
        lines.append(f"## {_escaped(_to_add())}")
        lines.append("\n".join(f"- {_escaped(each)}" for each in of.missing))
    return ("\n\n".join(lines) + "\n").encode()


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)


def as_docx(of: Written) -> bytes:
    """The same as a document."""
    document = Document()
    document.core_properties.title = _clean(of.title)[:255]
    document.core_properties.author = ""
    document.add_heading(_clean(of.title), level=0)
    for each in of.paragraphs:
        document.add_heading(_clean(each.heading), level=1)
        document.add_paragraph(_clean(each.plain))
    if of.missing:
        document.add_heading(_clean(_to_add()), level=1)
        _points(document, of.missing)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _points(document: Doc, points: Sequence[str]) -> None:
    for each in points:
        document.add_paragraph(_clean(each), style="List Bullet")


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)


def _to_add() -> str:
    return _("To be added by the authors")

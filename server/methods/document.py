"""The methods text as files: plain text, Markdown, and a document for a word processor."""

import re
from dataclasses import dataclass
from importlib import import_module

from server.language import gettext as _
from server.methods.facts import Facts
from server.methods.gaps import not_known
from server.methods.text import Paragraph, paragraphs, plain_text

# What Markdown would take for a sign.
_SIGNS = re.compile(r"([\\`*_\[\]<>#])")


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
        lines.append(f"## {_escaped(to_add())}")
        lines.append("\n".join(f"- {_escaped(each)}" for each in of.missing))
    return ("\n\n".join(lines) + "\n").encode()


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)


def as_docx(of: Written) -> bytes:
    """The same as a document."""
    # The writer of documents is large: it is loaded with the first of them.
    file: bytes = import_module("server.methods.word").document_of(of)
    return file


def to_add() -> str:
    """What stands above the things that no program can know."""
    return _("To be added by the authors")

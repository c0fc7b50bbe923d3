"""What a canary has become in a file that is taken away, by the ending of its name."""

import csv
import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

import pyreadstat
from docx import Document
from lxml import etree
from openpyxl import load_workbook

from tests.trust.canaries import WORD, live, live_in_picture

_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")
# Commands that tables do not need, signs that mean something, and letters written as numbers.
_RUNS_IN_LATEX = re.compile(
    rf"\\({WORD}|input|include|write|openout|immediate|def|let|catcode|csname)\b"
    rf"|\^\^|(?<!\\)[$#]|(?<!\\)%[^\n]*{WORD}"
)
_RUNS_IN_MARKDOWN = re.compile(r"(?<!\\)<[a-zA-Z/!?]|(?<!\\)\]\(")
_QUOTED_IN_R = re.compile(r'"(?:\\.|[^"\\])*"|#[^\n]*')
_IN_WORD = {"instrText", "fldSimple", "altChunk", "hyperlink", "object", "control"}


def live_in_file(name: str, content: bytes) -> Iterator[str]:
    """What lives in the file of this name; nothing where its kind is not known."""
    look = _LOOKS.get(PurePosixPath(name).suffix.lower())
    if look is not None:
        yield from (f"{name}: {each}" for each in look(content))


def computed(rows: Iterator[list[str]]) -> Iterator[str]:
    """Cells that a spreadsheet would compute."""
    for row in rows:
        for cell in row:
            if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
                yield cell[:40]


def _in_csv(content: bytes) -> Iterator[str]:
    return computed(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _in_workbook(content: bytes) -> Iterator[str]:
    for sheet in load_workbook(io.BytesIO(content)):
        yield from (str(cell.value)[:40] for row in sheet for cell in row if cell.data_type == "f")


def _in_document(content: bytes) -> Iterator[str]:
    document = Document(io.BytesIO(content))
    yield from (of.target_ref for of in document.part.rels.values() if of.is_external)
    names = (etree.QName(each).localname for each in document.element.iter(etree.Element))
    yield from (name for name in names if name in _IN_WORD)


def _in_latex(content: bytes) -> Iterator[str]:
    said = content.decode().replace(r"\\", "")
    yield from (found.group()[:40] for found in _RUNS_IN_LATEX.finditer(said))
    yield from (repr(each) for each in said if unicodedata.category(each) == "Cc" and each != "\n")
    if said.count(r"\begin{") != said.count(r"\end{"):
        yield "an environment that was ended"


def _in_markdown(content: bytes) -> Iterator[str]:
    return (found.group() for found in _RUNS_IN_MARKDOWN.finditer(content.decode()))


def _in_xml(content: bytes) -> Iterator[str]:
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    yield from ["a document type"] if root.getroottree().docinfo.doctype else []
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str) or WORD in tag or any(WORD in name for name in element.attrib):
            yield str(tag)


def _in_r(content: bytes) -> Iterator[str]:
    return (line for line in _QUOTED_IN_R.sub("", content.decode()).splitlines() if WORD in line)


def _in_python(content: bytes) -> Iterator[str]:
    return iter([WORD] if WORD.encode() in content else [])


def _labelled(read: Callable[..., Any], ending: str) -> Callable[[bytes], Iterator[str]]:
    """Neither SPSS nor Stata computes a text: it is enough that their readers read it."""

    def look(content: bytes) -> Iterator[str]:
        with tempfile.NamedTemporaryFile(suffix=ending) as file:
            file.write(content)
            file.flush()
            columns, _meta = read(file.name, output_format="dict")
        if not any(WORD in str(cell) for cells in columns.values() for cell in cells):
            yield "no text in it"

    return look


def _in_archive(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        # What R reads is no spreadsheet, and is read as it is.
        exact = "read.R" in names
        for name in names:
            if name.startswith("/") or ".." in name or not re.fullmatch(r"[\w./+-]+", name):
                yield f"a place of its own: {name}"
            if not (exact and name.endswith(".csv")):
                yield from live_in_file(name, archive.read(name))


_LOOKS: dict[str, Callable[[bytes], Iterator[str]]] = {
    ".csv": _in_csv,
    ".xlsx": _in_workbook,
    ".docx": _in_document,
    ".tex": _in_latex,
    ".md": _in_markdown,
    ".html": lambda content: live(content.decode()),
    ".svg": live_in_picture,
    ".qdc": _in_xml,
    ".qde": _in_xml,
    ".r": _in_r,
    ".py": _in_python,
    ".sav": _labelled(pyreadstat.read_sav, ".sav"),
    ".dta": _labelled(pyreadstat.read_dta, ".dta"),
    ".zip": _in_archive,
    ".qdpx": _in_archive,
}

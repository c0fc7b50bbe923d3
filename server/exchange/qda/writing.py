"""Posts and codings, one post after another, into a REFI-QDA project. No SQL.

Cases, sources and notes stand one behind the other in a project and are known post by post, so each of them
is written into a file of its own, which goes to the disk where it grows; none is ever in memory as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from server.codebooks.refi import ORIGIN, clean
from server.corpora.mapping import PostDraft
from server.datasets.table import unequal
from server.exchange.qda.format import (
    ANNOTATORS,
    FIXED,
    NAMESPACE,
    POSTED_AT,
    element,
    text_element,
)
from server.exchange.qda.pieces import CodingRow, Pieces

_IN_MEMORY = 4 << 20


class ProjectWriter:
    """Takes posts with their codings, and writes the rest of the project at the end.

    Args:
        file: where the archive is written.
        key: tells the things of this project from those of others.
        kinds: the questions and their kinds.
        extra: the names of the further fields of posts.
        opened: closes what is open, with the archive.
    """

    def __init__(
        self, file: IO[bytes], key: str, kinds: Mapping[str, str], extra: Sequence[str], opened: ExitStack
    ) -> None:
        self._archive = opened.enter_context(ZipFile(file, "w", ZIP_DEFLATED))
        self._cases, self._sources, self._notes = (
            _Part(opened, name) for name in ("Cases", "Sources", "Notes")
        )
        self._variables = unequal((*FIXED, *extra))
        self._pieces = Pieces(key, kinds, dict(zip(extra, self._variables[len(FIXED) :], strict=True)))
        self._groups: dict[str, str] = {}
        self.used: set[tuple[str, str]] = set()
        """The questions and codes that codings name."""

    def add(self, post: PostDraft, rows: Sequence[CodingRow]) -> None:
        """Write a post, and what was coded about it."""
        name = f"sources/{self._pieces.guid('source', post.external_id)}.txt"
        # A fixed date: the same project is the same file.
        self._archive.writestr(ZipInfo(name), post.text.encode(), ZIP_DEFLATED)
        self._cases.add(self._pieces.case(post))
        notes = dict(self._pieces.notes(post, rows))
        self._sources.add(self._pieces.source(post, rows, list(notes)))
        for note in notes.values():
            self._notes.add(note)
        for row in rows:
            self._groups[str(row["annotator"])] = str(row["coder_group"] or "")
            self.used.add((str(row["variable"]), str(row["code"])))

    def finish(self, title: str, codes: ET.Element) -> None:
        """Write the description of the project."""
        info = ZipInfo("project.qde")
        info.compress_type = ZIP_DEFLATED
        with self._archive.open(info, "w", force_zip64=True) as file:
            for piece in self._description(title, codes):
                file.write(piece)

    def _description(self, title: str, codes: ET.Element) -> Iterator[bytes]:
        facts = f" xmlns={quoteattr(NAMESPACE)} name={quoteattr(clean(title))} origin={quoteattr(ORIGIN)}"
        yield f'<?xml version="1.0" encoding="utf-8"?>\n<Project{facts}>\n'.encode()
        yield _all("Users", (self._user(person) for person in sorted(self._groups)))
        if len(codes):
            ET.indent(codes)
            yield element("CodeBook", {}, ET.tostring(codes, encoding="unicode")).encode() + b"\n"
        if not self._cases.is_empty:
            yield _all("Variables", map(self._variable, self._variables))
        groups = self._note_of_groups()
        self._notes.add(groups)
        for part in (self._cases, self._sources, self._notes):
            yield from part.pieces()
        if groups:
            yield element("NoteRef", {"targetGUID": self._pieces.guid("groups")}).encode()
        yield b"</Project>\n"

    def _user(self, person: str) -> str:
        return element("User", {"guid": self._pieces.guid("user", person), "name": person})

    def _variable(self, name: str) -> str:
        kind = "DateTime" if name == POSTED_AT else "Text"
        facts = {"guid": self._pieces.guid("variable", name), "name": name, "typeOfVariable": kind}
        return element("Variable", facts)

    def _note_of_groups(self) -> str:
        """Who is in which group of annotators: users have no place for it."""
        lines = [f"{person}: {group}" for person, group in sorted(self._groups.items()) if group]
        facts = {"guid": self._pieces.guid("groups"), "name": ANNOTATORS}
        return element("Note", facts, text_element("PlainTextContent", "\n".join(lines))) if lines else ""


class _Part:
    """The elements within one of the lists of a project."""

    def __init__(self, opened: ExitStack, name: str) -> None:
        self._file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed with the others
        opened.callback(self._file.close)
        self._name = name
        self.is_empty = True

    def add(self, said: str) -> None:
        """Write one more; nothing where it is empty."""
        if said:
            self._file.write(said.encode() + b"\n")
            self.is_empty = False

    def pieces(self) -> Iterator[bytes]:
        """The list; nothing where it is empty, since the schema wants one element at least."""
        if self.is_empty:
            return
        self._file.seek(0)
        yield f"<{self._name}>\n".encode()
        yield from iter(lambda: self._file.read(1 << 16), b"")
        yield f"</{self._name}>\n".encode()


def _all(name: str, elements: Iterable[str]) -> bytes:
    found = list(elements)
    return (element(name, {}, *found) + "\n").encode() if found else b""

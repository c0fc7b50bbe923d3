"""A `.qdpx`, which is a ZIP: the description of the project, and the texts of its sources. Pure.

Nothing is unpacked onto the disk under a name from the file; texts are found by their names alone.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, BinaryIO
from zipfile import ZipFile, ZipInfo

from server.corpora.encodings import decoded, detect_encoding
from server.corpora.packing import BROKEN, copied, damaged
from server.corpora.xml_events import Refusals, XmlReader
from server.errors import Refusal
from server.exchange.qda.project import ReadProject, ReadSource, read_project
from server.language import gettext as _
from server.web.words import number

PACKED = b"PK\x03\x04"
MOST_FILES = 110_000
MOST_TEXT = 20 << 20
MOST_TEXTS = 300 << 20
# What begins with a dot is a computer's own, beside the file that it is about.
_DESCRIPTION = re.compile(r"[^.].*\.qde", re.DOTALL)


class Archive:
    """A project that is open, and the texts that came with it."""

    def __init__(self, project: ReadProject, files: ZipFile | None) -> None:
        self.project = project
        self._files = files
        self._by_name: dict[str, ZipInfo] = {}
        for info in files.infolist() if files else ():
            self._by_name.setdefault(_last(info.filename), info)
        self._left = MOST_TEXTS

    def text(self, source: ReadSource) -> str | None:
        """The text of a source as its file has it; None where the file is not there.

        Raises:
            Refusal: it cannot be read, or is too large.
        """
        if source.content is not None:
            return source.content
        for path, read in ((source.plain_path, _plain), (source.rich_path, _rich)):
            info = self._by_name.get(_last(path)) if path else None
            if info is not None:
                return read(BytesIO(self._content(info)), info.filename)
        return None

    def _content(self, info: ZipInfo) -> bytes:
        assert self._files is not None  # noqa: S101 - what is found by its name is in it
        name = info.filename[-200:]
        try:
            with self._files.open(info) as file:
                content = file.read(MOST_TEXT + 1)
        except BROKEN as problem:
            raise damaged(name) from problem
        self._left -= len(content)
        if len(content) > MOST_TEXT or self._left < 0:
            raise Refusal(_("“{filename}” is too large. Divide it.").format(filename=name))
        return content


@contextmanager
def opened_project(file: BinaryIO, filename: str) -> Iterator[Archive]:
    """The project in a `.qdpx`, or in a `.qde` alone, which has no texts.

    Raises:
        Refusal: it is neither, or is damaged.
    """
    file.seek(0)
    is_packed = file.read(4) == PACKED
    file.seek(0)
    with ExitStack() as opened:
        if not is_packed:
            yield Archive(read_project(file, filename), None)
            return
        try:
            files = opened.enter_context(ZipFile(file))
        except BROKEN as problem:
            raise damaged(filename) from problem
        yield Archive(_description(opened, files, filename), files)


def _description(opened: ExitStack, files: ZipFile, filename: str) -> ReadProject:
    if len(files.filelist) > MOST_FILES:
        words = _("“{filename}” holds more than {limit} files. Pack fewer.")
        raise Refusal(words.format(filename=filename, limit=number(MOST_FILES)))
    named = [one for one in files.filelist if _DESCRIPTION.fullmatch(_last(one.filename))]
    info = min(named, key=lambda one: _last(one.filename) != "project.qde", default=None)
    if info is None:
        words = _("“{filename}” holds no project.qde, so it is no REFI-QDA project.")
        raise Refusal(words.format(filename=filename))
    try:
        source: IO[bytes] = files.open(info)
    except BROKEN as problem:
        raise damaged(filename) from problem
    return read_project(copied(opened, source, info.compress_size, filename), filename)


def _last(path: str) -> str:
    """The name of a file within whatever folders, in whatever case."""
    return PurePosixPath(path.replace("\\", "/")).name.casefold()


def _plain(file: BytesIO, filename: str) -> str:  # noqa: ARG001 - as of the other kind
    return "".join(decoded(file, detect_encoding(file)))


def _rich(file: BytesIO, filename: str) -> str:
    """The text of a DOCX: a line a paragraph."""
    try:
        with ZipFile(file) as files, ExitStack() as opened:
            info = files.getinfo("word/document.xml")
            part = copied(opened, files.open(info), info.compress_size, filename)
            return _Document(filename).read(part)
    except (*BROKEN, KeyError) as problem:
        raise damaged(filename) from problem


class _Document:
    """Collects the text of a DOCX."""

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self._pieces: list[str] = []
        self._is_text = False

    def read(self, file: IO[bytes]) -> str:
        refusals = Refusals(*[lambda: damaged(self._filename)] * 3)
        for _piece in XmlReader(self._start, self._end, self._data, refusals).read(file, MOST_TEXT):
            pass
        return "".join(self._pieces).removesuffix("\n")

    def _start(self, name: str, _facts: dict[str, str]) -> None:
        self._is_text = name == "t"
        self._pieces.append({"tab": "\t", "br": "\n"}.get(name, ""))

    def _end(self, name: str) -> None:
        self._is_text = False
        if name == "p":
            self._pieces.append("\n")

    def _data(self, text: str) -> None:
        if self._is_text:
            self._pieces.append(text)

"""In which encoding a file of text is written, and which files are no text at all."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from server.errors import Refusal
from server.language import _

CHUNK = 1 << 18
_HEAD = 4096
_UNDEFINED_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


@dataclass(frozen=True)
class Encoding:
    """An encoding by its name for people, its codec, and how many bytes of mark stand before the text."""

    name: str
    codec: str
    mark: int = 0


UTF8 = Encoding("UTF-8", "utf-8")
WINDOWS_1252 = Encoding("Windows-1252", "cp1252")
_MARKS = (
    (codecs.BOM_UTF8, Encoding("UTF-8 with BOM", "utf-8", 3)),
    (codecs.BOM_UTF16_LE, Encoding("UTF-16", "utf-16-le", 2)),
    (codecs.BOM_UTF16_BE, Encoding("UTF-16", "utf-16-be", 2)),
)


def refuse_other_types(head: bytes, filename: str) -> None:
    """Refuse a file whose first bytes say that it is something else than a table of text."""
    kind = _other_type(head, filename)
    if kind:
        raise Refusal(
            _(
                "“{filename}” is {kind}, not a CSV file. "
                "Save or export it as CSV (UTF-8) and upload that file."
            ).format(filename=filename, kind=kind)
        )


def detect_encoding(file: BinaryIO) -> Encoding:
    """The encoding of the whole file, or a Refusal; the file is left at its beginning.

    A byte-order mark decides; then NUL bytes that betray UTF-16; then UTF-8 if every byte fits it; then
    Windows-1252, unless the file holds bytes that Windows-1252 does not define or is UTF-8 with damage.
    """
    head = file.read(_HEAD)
    file.seek(0)
    encoding = _marked(head) or _unmarked_utf16(head)
    if encoding is None:
        return _utf8_or_1252(file)
    _refuse_broken(file, encoding)
    return encoding


def decoded(file: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """The text of the file without its mark, piece by piece, so that size costs no memory."""
    file.seek(encoding.mark)
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    for chunk in _chunks(file):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _marked(head: bytes) -> Encoding | None:
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def _unmarked_utf16(head: bytes) -> Encoding | None:
    # A header is mostly ASCII whatever the posts are written in, so half of its UTF-16 bytes are NUL.
    start = head[:64]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 5 < len(start) or min(even, odd) * 10 > max(even, odd):
        return None
    return Encoding("UTF-16", "utf-16-le" if odd > even else "utf-16-be")


def _utf8_or_1252(file: BinaryIO) -> Encoding:
    line = _undecodable_line(file, UTF8)
    if line is None:
        return UTF8
    if _mostly_utf8(file):
        _refuse_damaged(line, UTF8)
    _refuse_undefined_in_1252(file)
    return WINDOWS_1252


def _refuse_broken(file: BinaryIO, encoding: Encoding) -> None:
    line = _undecodable_line(file, encoding)
    if line is not None:
        _refuse_damaged(line, encoding)


def _undecodable_line(file: BinaryIO, encoding: Encoding) -> int | None:
    """The line on which decoding fails first, or None when all of the file can be decoded."""
    line = 1
    try:
        for text in decoded(file, encoding):
            _refuse_nul(text, line)
            line += text.count("\n")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(encoding.codec, errors="replace")
        return line + before.count("\n")
    finally:
        file.seek(0)
    return None


def _mostly_utf8(file: BinaryIO) -> bool:
    """Whether more multi-byte characters of the file are good UTF-8 than are not.

    In Windows-1252 an accented letter is hardly ever followed by what would make it UTF-8, so a file with
    many good sequences is UTF-8 that was cut or pasted together, and reading it otherwise garbles it.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    good = bad = 0
    for chunk in _chunks(file):
        text = decoder.decode(chunk)
        wrong = text.count("�")
        good += len(text) - len(text.encode("ascii", "ignore")) - wrong
        bad += wrong
    file.seek(0)
    return good > bad


def _refuse_undefined_in_1252(file: BinaryIO) -> None:
    line = 1
    for chunk in _chunks(file):
        _refuse_nul(chunk.decode("latin-1"), line)
        found = _UNDEFINED_IN_1252.search(chunk)
        if found:
            _refuse_damaged(line + chunk.count(b"\n", 0, found.start()), WINDOWS_1252)
        line += chunk.count(b"\n")
    file.seek(0)


def _refuse_damaged(line: int, encoding: Encoding) -> None:
    raise Refusal(
        _(
            "The characters of this file cannot be read: line {line} is neither correct {encoding} "
            "nor another encoding that is known here. "
            "Save the file again as CSV (UTF-8) and upload that file."
        ).format(line=line, encoding=encoding.name)
    )


def _refuse_nul(text: str, line: int) -> None:
    position = text.find("\0")
    if position >= 0:
        raise Refusal(
            _(
                "Line {line} holds a NUL character, so this is not a plain text file. "
                "Save it again as CSV (UTF-8) and upload that file."
            ).format(line=line + text.count("\n", 0, position))
        )


def _other_type(head: bytes, filename: str) -> str | None:
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, filename)
    kinds = {
        b"\xd0\xcf\x11\xe0": _("an old Excel or Office file"),
        b"%PDF": _("a PDF document"),
        b"\x89PNG": _("a PNG picture"),
        b"\xff\xd8\xff": _("a JPEG picture"),
        b"GIF8": _("a GIF picture"),
        b"\x1f\x8b": _("a gzip archive"),
        b"BZh": _("a bzip2 archive"),
        b"7z\xbc\xaf": _("a 7-Zip archive"),
        b"Rar!": _("a RAR archive"),
        b"SQLite format 3": _("an SQLite database"),
        b"PAR1": _("a Parquet file"),
        b"$FL2": _("an SPSS file"),
        b"{\\rtf": _("an RTF document"),
    }
    return next((kind for magic, kind in kinds.items() if head.startswith(magic)), None) or _markup(head)


def _zipped(head: bytes, filename: str) -> str:
    if filename.lower().endswith((".xlsx", ".xlsm")) or b"xl/" in head:
        return _("an Excel workbook")
    if filename.lower().endswith(".ods") or b"opendocument.spreadsheet" in head:
        return _("a LibreOffice spreadsheet")
    return _("a ZIP archive or an office document")


def _markup(head: bytes) -> str | None:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if re.match(rb'(\[\s*)?\{\s*("|\}|$)', start):
        return _("a JSON file")
    if start.startswith((b"<!doctype html", b"<html")):
        return _("a web page")
    return _("an XML file") if start.startswith(b"<?xml") else None

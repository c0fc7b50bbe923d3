"""Files within .gz and .zip: opened one by one, on the disk where they are large, and never past a bound."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast
from zipfile import BadZipFile, ZipFile, ZipInfo

from server.corpora.kinds import PACKED, Kind, kind_of
from server.errors import Refusal
from server.language import _, number

MAX_UNPACKED = 2 << 30
MAX_MEMBERS = 1_000
# Text shrinks to a twentieth at best; what shrinks to less than a hundredth is there to fill the disk.
_MAX_RATIO = 100
_FREE = 32 << 20
_CHUNK = 1 << 18
_IN_MEMORY = 8 << 20
BROKEN = (BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, zlib.error)


@dataclass(frozen=True)
class Part:
    """One file with posts. `path` names it within what it was packed in."""

    path: str
    file: BinaryIO
    kind: Kind


@dataclass
class Unpacked:
    """The files that posts are read from, all of one kind, and what was passed over beside them."""

    parts: list[Part] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


@contextmanager
def unpacked_parts(file: BinaryIO, filename: str) -> Iterator[Unpacked]:
    """The files within a file, or the file itself; raises Refusal where they are of several kinds."""
    with ExitStack() as opened:
        found = Unpacked()
        kind = kind_of(file, filename)
        if kind is Kind.ZIP:
            _add_members(opened, found, file, filename)
        elif kind is Kind.GZIP:
            _add_gzip(opened, found, file, filename)
        else:
            found.parts.append(Part(filename, file, kind))
        _refuse_mixed(found, filename)
        yield found


def _add_gzip(opened: ExitStack, found: Unpacked, file: BinaryIO, filename: str) -> None:
    inner = copied(opened, cast(IO[bytes], gzip.GzipFile(fileobj=file, mode="rb")), _size(file), filename)
    name = filename.removesuffix(".gz")
    kind = kind_of(inner, name)
    if kind in PACKED:
        raise Refusal(_("“{filename}” is packed more than once. Unpack it once.").format(filename=filename))
    found.parts.append(Part(name, inner, kind))


def _add_members(opened: ExitStack, found: Unpacked, file: BinaryIO, filename: str) -> None:
    try:
        archive = opened.enter_context(ZipFile(file))
        members = [member for member in archive.infolist() if _is_wanted(member)]
        if len(members) > MAX_MEMBERS:
            raise Refusal(
                _("“{filename}” holds more than {limit} files. Pack fewer.").format(
                    filename=filename, limit=number(MAX_MEMBERS)
                )
            )
        for member in members:
            _add_member(opened, found, archive, member)
    except BROKEN as problem:
        raise damaged(filename) from problem
    if not found.parts:
        raise Refusal(_("“{filename}” holds no file with posts.").format(filename=filename))


def _is_wanted(member: ZipInfo) -> bool:
    last = member.filename.rsplit("/", maxsplit=1)[-1]
    return bool(last) and not last.startswith(".") and not member.filename.startswith("__MACOSX/")


def _add_member(opened: ExitStack, found: Unpacked, archive: ZipFile, member: ZipInfo) -> None:
    path = member.filename[-200:]
    if member.flag_bits & 1:
        raise Refusal(_("“{filename}” is locked with a password. Unpack it first.").format(filename=path))
    inner = copied(opened, archive.open(member), member.compress_size, path)
    try:
        kind = kind_of(inner, path)
    except Refusal:
        found.passed_over.append(path)
        return
    if kind is Kind.GZIP:
        _add_gzip(opened, found, inner, path)
    elif kind is Kind.ZIP or _is_note(path):
        found.passed_over.append(path)
    else:
        found.parts.append(Part(path, inner, kind))


def _is_note(path: str) -> bool:
    plain = path.lower().rsplit("/", maxsplit=1)[-1]
    return plain.endswith((".md", ".html", ".htm", ".log")) or plain.startswith(("readme", "license"))


def copied(opened: ExitStack, source: IO[bytes], packed: int, filename: str) -> BinaryIO:
    """All of a packed file, within bounds."""
    copy = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - it is closed with the others
    opened.callback(copy.close)
    size = 0
    try:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > MAX_UNPACKED or size > max(_FREE, packed * _MAX_RATIO):
                raise _too_large(filename)
            copy.write(chunk)
    except BROKEN as problem:
        raise damaged(filename) from problem
    copy.seek(0)
    return cast(BinaryIO, copy)


def _size(file: BinaryIO) -> int:
    end = file.seek(0, 2)
    file.seek(0)
    return end


def _refuse_mixed(found: Unpacked, filename: str) -> None:
    kinds = {part.kind for part in found.parts}
    if len(kinds) > 1:
        first, other = found.parts[0], next(p for p in found.parts if p.kind is not found.parts[0].kind)
        raise Refusal(
            _(
                "“{filename}” holds files of several kinds: “{first}” is {kind}, “{other}” is {other_kind}. "
                "Pack those of one kind only, or upload them one by one."
            ).format(
                filename=filename,
                first=first.path,
                kind=first.kind.value,
                other=other.path,
                other_kind=other.kind.value,
            )
        )


def damaged(filename: str) -> Refusal:
    """What is said of what cannot be unpacked."""
    return Refusal(
        _("“{filename}” is damaged or cut off: it cannot be unpacked. Download it again.").format(
            filename=filename
        )
    )


def _too_large(filename: str) -> Refusal:
    return Refusal(
        _("“{filename}” grows far too large when it is unpacked. Unpack it and upload parts of it.").format(
            filename=filename
        )
    )

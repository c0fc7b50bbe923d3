"""How an uploaded file is kept until the lead says that it shall be imported: packed, and opened again."""

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from server.corpora.parsing import Table
from server.corpora.reading import read_posts

# A packed file, as a whole or some of it after the other.
Packed = bytes | Iterable[bytes]
_CHUNK = 1 << 20
_IN_MEMORY = 16 << 20
_MAX_NAME = 200


def packed(file: BinaryIO) -> bytes:
    """The file compressed, some of it after the other, so that a large one is never in memory as a whole."""
    return b"".join(packing(file))


def packing(file: BinaryIO) -> Iterator[bytes]:
    """The same some at a time."""
    file.seek(0)
    packer = zlib.compressobj(level=1)
    yield from map(packer.compress, _chunks(file))
    yield packer.flush()


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


@contextmanager
def unpacked(content: Packed) -> Iterator[BinaryIO]:
    """A packed file opened for reading, on disk if it is large."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        unpacker = zlib.decompressobj()
        for chunk in (content,) if isinstance(content, bytes) else content:
            rest = chunk
            while rest and not unpacker.eof:
                file.write(unpacker.decompress(rest, _CHUNK))
                rest = unpacker.unconsumed_tail
        file.write(unpacker.flush())
        file.seek(0)
        yield cast(BinaryIO, file)


def packed_posts(content: Packed, filename: str, sheet: int = 0) -> Table:
    """The posts in a packed file of any known kind; of a workbook those in this sheet, from 1 on."""
    with unpacked(content) as file:
        return read_posts(file, filename, sheet)


def packed_hash(content: Packed) -> str:
    """The SHA-256 of a packed file as it was before it was packed."""
    with unpacked(content) as file:
        return hash_of_file(file)


def hash_of_file(file: BinaryIO) -> str:
    """The SHA-256 of a file."""
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def plain_filename(name: str) -> str:
    """A file's name without folders and control characters, short enough to be shown."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f]", "", last).strip()[-_MAX_NAME:]

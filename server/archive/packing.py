"""One zip of many files: the same study gives the same bytes."""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO

# What zip files can say of the past begins here. The time of packing would make each archive another one.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_IN_MEMORY = 4 * 1024 * 1024
SUMS = "SHA256SUMS"

Content = Iterable[bytes]
Part = tuple[str, Content]


def packed(parts: Iterable[Part], folder: str) -> IO[bytes]:
    """The zip at its beginning, with the files in a folder, and their sums beside them.

    It is whole before the first byte is sent; who takes it closes it.
    """
    with ExitStack() as on_failure:
        file = on_failure.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            sums = sorted(_written(archive, folder, parts))
            lines = "".join(f"{digest}  {path}\n" for path, digest in sums)
            _write(archive, f"{folder}/{SUMS}", [lines.encode()])
        file.seek(0)
        on_failure.pop_all()
    return file


def _written(archive: zipfile.ZipFile, folder: str, parts: Iterable[Part]) -> Iterator[tuple[str, str]]:
    """Write each file, and tell its sum."""
    for path, content in sorted(parts, key=lambda part: part[0]):
        yield path, _write(archive, f"{folder}/{path}", content)


def _write(archive: zipfile.ZipFile, path: str, content: Content) -> str:
    info = zipfile.ZipInfo(path, _MOMENT)
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
    sum_ = hashlib.sha256()
    with archive.open(info, "w", force_zip64=True) as file:
        for piece in content:
            sum_.update(piece)
            file.write(piece)
    return sum_.hexdigest()

"""Files on their way out: built whole, sent in pieces, and closed whatever happens."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import IO

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

_IN_MEMORY = 4 * 1024 * 1024
_CHUNK = 64 * 1024
CSV = "text/csv; charset=utf-8"


def spooled(lines: Iterable[str]) -> IO[bytes]:
    """A file of these lines, at its beginning; who takes it sends and closes it."""

    def write(file: IO[bytes]) -> None:
        for line in lines:
            file.write(line.encode())

    return built(write)


def built(write: Callable[[IO[bytes]], None]) -> IO[bytes]:
    """The file that `write` writes, at its beginning; who takes it sends and closes it.

    It is built before the first byte is sent: an error on the way leaves no half file.
    """
    with ExitStack() as on_failure:
        file = on_failure.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))
        write(file)
        file.seek(0)
        on_failure.pop_all()
    return file


@contextmanager
def closed_on_failure(file: IO[bytes]) -> Iterator[None]:
    """Close the file where something goes wrong between building and sending it."""
    with ExitStack() as on_failure:
        on_failure.callback(file.close)
        yield
        on_failure.pop_all()


class Sent(StreamingResponse):
    """A file on its way, closed at the end: also where the browser hangs up before the first piece."""

    def __init__(self, file: IO[bytes], filename: str, media_type: str = CSV) -> None:
        super().__init__(_chunks(file), media_type=media_type, headers=_headers(file, filename))
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def _headers(file: IO[bytes], filename: str) -> Mapping[str, str]:
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    return {
        "content-disposition": f'attachment; filename="{filename}"',
        # So that a browser knows when a file arrives cut off.
        "content-length": str(length),
    }


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk

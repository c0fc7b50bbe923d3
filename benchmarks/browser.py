"""A lean browser: keep-alive HTTP over asyncio streams, so that the load is not its own limit."""

import asyncio
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode

_HIDDEN = re.compile(rb'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class Answered(NamedTuple):
    """A response: status, where it leads, body."""

    status: int
    location: str
    body: bytes


class Browser:
    """One connection of one person."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self._port = port
        self._head = f"Host: 127.0.0.1:{port}\r\n" + (f"Cookie: session={cookie}\r\n" if cookie else "")
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()

    async def get(self, path: str) -> Answered:
        """Read a page."""
        return await self._send(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def post(self, path: str, fields: Iterable[tuple[str, str]]) -> Answered:
        """Send a form."""
        body = urlencode(list(fields)).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return await self._send(head.encode() + body)

    async def _send(self, request: bytes) -> Answered:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines[1:])
        }
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        return Answered(int(lines[0].split(" ", 2)[1]), headers.get("location", ""), body)


def hidden_fields(page: bytes) -> list[tuple[str, str]]:
    """The hidden fields of a page's forms: tokens, and what the form was made from."""
    return list({name.decode(): value.decode() for name, value in _HIDDEN.findall(page)}.items())

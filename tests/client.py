"""A browser in the tests' own process whose requests cost little."""

from asyncio import Event
from typing import Any
from urllib.parse import unquote

import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.testclient import TestClient


class Browser(TestClient):
    """A client that sends each request to the event loop in one go, and gets the whole answer back.

    `TestClient` itself goes there and back ten times for each, which takes longer than many a page.
    """

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        super().__init__(app, base_url="http://127.0.0.1:8000", follow_redirects=False)
        self.portal = portal
        self._transport = _Transport(app, portal)


class _Transport(httpx.BaseTransport):
    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._app, self._portal = app, portal
        self.client = ("testclient", 50_000)
        self.raise_server_exceptions = True

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(request.read())
        try:
            self._portal.call(self._app, _scope(request, self.client), exchange.receive, exchange.send)
        except Exception:
            if self.raise_server_exceptions or not exchange.status:
                raise
        body = b"" if request.method == "HEAD" else b"".join(exchange.body)
        return httpx.Response(exchange.status, headers=exchange.headers, stream=httpx.ByteStream(body))


class _Exchange:
    """A request's body on its way there, and the answer on its way back."""

    def __init__(self, body: bytes) -> None:
        self._sent = [{"type": "http.request", "body": body}]
        self._is_answered = Event()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        if self._sent:
            return self._sent.pop()
        await self._is_answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._is_answered.set()


def _scope(request: httpx.Request, client: tuple[str, int]) -> dict[str, Any]:
    url = request.url
    path = url.raw_path.partition(b"?")[0]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(path.decode()),
        "raw_path": path,
        "root_path": "",
        "scheme": url.scheme,
        "query_string": url.query,
        "headers": [(key.lower(), value) for key, value in request.headers.raw],
        "client": client,
        "server": [url.host, url.port or 80],
        "extensions": {},
        "state": {},
    }

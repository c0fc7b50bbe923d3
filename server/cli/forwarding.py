"""Whose word on a visitor's address is taken."""

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_HERE = "127.0.0.1"


class BesideProxy:
    """Takes a visitor's address from the proxies that are trusted.

    A socket in the file system has no address of its own: whoever may write to it is on this machine.
    """

    def __init__(self, app: ASGIApp, trusted: str) -> None:
        self._app = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type]
        beside = trusted if trusted == "*" else f"{_HERE},{trusted}"
        self._on_socket = ProxyHeadersMiddleware(app, beside)  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with the address it came from."""
        if scope["type"] == "http" and scope["client"] is None:
            scope["client"] = (_HERE, 0)
            await self._on_socket(scope, receive, send)  # type: ignore[arg-type]
        else:
            await self._app(scope, receive, send)  # type: ignore[arg-type]

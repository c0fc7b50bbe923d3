"""What every answer says to the browser besides its content, and the language it is said in."""

from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.web.languages import choose_language

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class HeadersMiddleware:
    """Sets the security headers, and the language from what the browser asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its language chosen; add the headers to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        choose_language(Headers(scope=scope).get("accept-language", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message, scope["path"])
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _add_headers(message: dict[str, Any] | Message, path: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    static = path.startswith("/static/")
    headers.setdefault("cache-control", "public, max-age=31536000, immutable" if static else "no-store")

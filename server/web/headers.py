"""What every answer says to the browser besides its content, and the language it is said in."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.web.languages import choose_language

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_WANTED = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),  # Unless the answer says otherwise, as static files do.
)
# A year in which a browser that was here once comes by TLS only; said only by who is reached that way.
_BY_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class HeadersMiddleware:
    """Sets the security headers, and the language from what the browser asks for."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self._wanted = (*_WANTED, _BY_TLS_ONLY) if is_https else _WANTED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its language chosen; add the headers to the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        choose_language(Headers(scope=scope).get("accept-language", ""))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message, self._wanted)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _add_headers(message: Message, wanted: Sequence[tuple[bytes, bytes]]) -> None:
    given = {name for name, _value in message["headers"]}
    message["headers"] = [*message["headers"], *(pair for pair in wanted if pair[0] not in given)]

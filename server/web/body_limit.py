"""How much a request may bring: more is refused with a page in words, as soon as it is known."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimitMiddleware:
    """Refuses a body of more than `max_bytes` with 413, which `server.web.failures` makes a page of.

    The limit that FastAPI brings answers in plain text from outside of the error pages.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count what is read of it."""
        if scope["type"] != "http" or scope["method"] == "GET":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        read = int(announced) if announced.isdecimal() and len(announced) < 20 else 0
        is_announced = read > 0

        async def counted() -> Message:
            nonlocal read
            if read > self.max_bytes:
                raise HTTPException(413)
            message = await receive()
            if not is_announced:
                read += len(message.get("body", b""))
                if read > self.max_bytes:
                    raise HTTPException(413)
            return message

        await self.app(scope, counted, send)

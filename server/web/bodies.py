"""Which bodies are read as a form at all: told by their headers, since a body is read whoever sends it."""

import re
from functools import partial

from fastapi import Request
from starlette.exceptions import HTTPException

from server.web.cookies import session_token
from server.web.threads import in_thread

# The longest codebook, draft and post together are far below this; only files are longer.
MAX_TEXT_BYTES = 16 * 1024 * 1024
_FILES, _TEXT = "multipart/form-data", "application/x-www-form-urlencoded"
# Browsers send UTF-8 and say nothing; some other encodings give text that no database takes.
_OTHER_CHARSET = re.compile(r"charset\s*=\s*\"?(?!utf-?8\b)", re.IGNORECASE)


async def refuse_unreadable(request: Request) -> None:
    """`HTTPException` for a form that is too long for its kind, or in an encoding no browser uses.

    Files may be as long as the server allows, but nobody who is not signed in has any to send.
    """
    kind = request.headers.get("content-type", "").strip().lower()
    length = request.headers.get("content-length", "")
    if kind.startswith(_FILES):
        if _OTHER_CHARSET.search(kind):
            raise HTTPException(400)
        if not _is_short(length) and not await in_thread(partial(_is_signed_in, request)):
            _refuse_long(length)
    elif kind.startswith(_TEXT) and not _is_short(length):
        _refuse_long(length)


def _is_short(length: str) -> bool:
    return _is_known(length) and len(length) <= 15 and int(length) <= MAX_TEXT_BYTES


def _is_known(length: str) -> bool:
    return length.isascii() and length.isdigit()


def _refuse_long(length: str) -> None:
    raise HTTPException(413 if _is_known(length) else 411)


def _is_signed_in(request: Request) -> bool:
    """Whether the cookie is a session's; the application says how that is found out."""
    token = session_token(request)
    if not token:
        return False
    with request.app.state.database.reading() as db:
        return bool(request.app.state.is_session(db, token))

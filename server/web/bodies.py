"""Which bodies are read as a form at all: told by their headers, since a body is read whoever sends it."""

import re

from fastapi import Request
from starlette.exceptions import HTTPException

from server.web.cookies import session_token

# The longest codebook, draft and post together are far below this; only files are longer.
MAX_TEXT_BYTES = 16 * 1024 * 1024
_FILES, _TEXT = "multipart/form-data", "application/x-www-form-urlencoded"
# Browsers send UTF-8 and say nothing; some other encodings give text that no database takes.
_OTHER_CHARSET = re.compile(r"charset\s*=\s*\"?(?!utf-?8\b)", re.IGNORECASE)


def refuse_unreadable(request: Request) -> None:
    """`HTTPException` for a form that is too long for its kind, or in an encoding no browser uses.

    Files may be as long as the server allows, but nobody who is not signed in has any to send.
    """
    kind = request.headers.get("content-type", "").strip().lower()
    if kind.startswith(_FILES) and _OTHER_CHARSET.search(kind):
        raise HTTPException(400)
    is_short = kind.startswith(_TEXT) or (kind.startswith(_FILES) and not session_token(request))
    if is_short:
        _refuse_long(request.headers.get("content-length", ""))


def _refuse_long(length: str) -> None:
    if not (length.isascii() and length.isdigit()):
        raise HTTPException(411)
    if len(length) > 15 or int(length) > MAX_TEXT_BYTES:
        raise HTTPException(413)

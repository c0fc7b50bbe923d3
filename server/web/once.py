"""Secrets that are shown once: the same form sent twice in one session gives the same one."""

import hashlib
import secrets
from base64 import urlsafe_b64encode

from fastapi import Request

from server.web.cookies import session_token


def form_token() -> str:
    """What a form carries to be known again."""
    return secrets.token_urlsafe(16)


def secret_of(request: Request, purpose: str, form_token: str, *said: object) -> str:
    """A secret of 256 bits for this purpose; a new one where the form carries no token.

    It follows from the session's own secret, so that nobody can work it out from the form, and from what the
    form says: the same form with other answers is another one.
    """
    if not form_token:
        return secrets.token_urlsafe(32)
    parts = (purpose, session_token(request), form_token, *map(str, said))
    return as_secret(hashlib.sha256("\0".join(parts).encode()).digest())


def as_secret(digest: bytes) -> str:
    """A digest as a secret is written: of letters that an address and a cookie can carry."""
    return urlsafe_b64encode(digest).decode().rstrip("=")

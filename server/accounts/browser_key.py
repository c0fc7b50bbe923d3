"""The key with which the browsers of an account seal what they keep for it.

A page has it for as long as it is open, and no browser stores it: what was sealed is read again only where
the same account is signed in.
"""

import hmac
import secrets
from base64 import b64encode

_FOR = b"what a browser keeps"


def new_secret() -> bytes:
    """A secret that no other account has, of 256 bits."""
    return secrets.token_bytes(32)


def browser_key(secret: bytes | None) -> str:
    """The key that follows from an account's secret: 256 bits for AES-GCM, in base64; empty without one.

    An HMAC (SHA-256) of what it is for, so that a page never has the secret itself.
    """
    return b64encode(hmac.digest(secret, _FOR, "sha256")).decode() if secret else ""

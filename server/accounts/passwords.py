"""Passwords: argon2id, at most two hashed at once, none that is short or known to everybody."""

from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 200

# 19 MiB, two passes: the OWASP minimum. Two at once bound what a crowd at the door can take; in two threads
# of their own, since the room that a thread has hashed in stays with it.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_hashing = ThreadPoolExecutor(2, thread_name_prefix="hashing")
# Compared against when there is no such account, so that the answer takes as long.
_nobody = _hasher.hash("nobody has this password")

_COMMON = frozenset(
    {"password", "passwort", "motdepasse", "qwertyuiop", "azertyuiop", "1234567890", "letmein", "intercoder"}
)


def hash_password(password: str) -> str:
    """The hash to store."""
    return _hashing.submit(lambda: _hasher.hash(password)).result()


def is_right(password: str, stored: str | None) -> bool:
    """Whether `password` is the one behind `stored`; takes as long when there is none."""
    return _hashing.submit(_is_right, password, stored).result()


def _is_right(password: str, stored: str | None) -> bool:
    try:
        return _hasher.verify(stored or _nobody, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def weakness(password: str, name: str) -> str | None:
    """What is wrong with a new password: `short`, `long`, `common`, or None."""
    if len(password) < MIN_LENGTH:
        return "short"
    if len(password) > MAX_LENGTH:
        return "long"
    plain = password.lower()
    repeats = len(set(plain)) < 5
    if repeats or (name and name.lower() in plain and len(plain) < len(name) + 8):
        return "common"
    return "common" if any(word in plain and len(plain) <= len(word) + 4 for word in _COMMON) else None

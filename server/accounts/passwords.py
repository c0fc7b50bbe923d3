"""Passwords: argon2id, at most two hashed at once, none that is short or known to everybody."""

from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.deferred import breached, zxcvbn

MIN_LENGTH = 12
MAX_LENGTH = 200

# 19 MiB, two passes: the OWASP minimum. Two at once bound what a crowd at the door can take; in two threads
# of their own, since the room that a thread has hashed in stays with it.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_hashing = ThreadPoolExecutor(2, thread_name_prefix="hashing")
# Of no account's password, compared against when there is no such account, so that the answer takes as long.
_nobody = "$argon2id$v=19$m=19456,t=2,p=1$oolnt2UVfGYG2DZdsTYZsA$X36QvqNDsqGhUwm9BaxlJ0j29Z71QTpHn4FbZAnYoDg"

# What zxcvbn (Wheeler 2016, USENIX Security) takes for safe against who tries many: its score 3.
_GUESSES = 1e8
_OUR_WORDS = ("intercoder", "passwort", "motdepasse", "azertyuiop")
# It takes seconds for a hundred signs that may stand for letters, and a tenth of one for so many.
_LOOKED_AT = 16


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
    plain, known = password.lower(), name.lower()
    if known and known in plain and len(plain) < len(known) + 8:
        return "common"
    if plain in breached.FREQUENCY_LISTS["passwords"]:
        return "common"
    parts = {password[:_LOOKED_AT], password[-_LOOKED_AT:]}
    return "common" if max(_guesses(part, known) for part in parts) < _GUESSES else None


def _guesses(part: str, name: str) -> float:
    """How many guesses somebody needs who knows breached passwords, names, words, dates and keyboards."""
    found: float = zxcvbn.zxcvbn(part, user_inputs=[name, *_OUR_WORDS])["guesses"]
    return found

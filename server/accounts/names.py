"""What can be typed to sign in."""

import re

# A name stands in addresses, so it begins with a letter or a digit: `..` would be another place.
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")

# How the names of those begin who are known from a file only. No name that can be typed has a colon.
FROM_FILE = "imported"


def plain_name(typed: str) -> str:
    """`typed` as it is stored: without white space around it, in lower case."""
    return typed.strip().lower()


def is_name(name: str) -> bool:
    """Whether an account can have this name."""
    return _NAME.fullmatch(name) is not None


def unusable_name(*parts: str) -> str:
    """A name that nobody can choose or sign in with: of somebody who is known from a file only."""
    return ":".join((FROM_FILE, *parts))


UNUSABLE = unusable_name("")  # How every such name begins.

"""Keys of variables and codes: what may be one, and how one is made of a label."""

import re
import unicodedata
from collections.abc import Collection
from itertools import count

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_DERIVED_LENGTH = 48
# Latin letters that are no plain letter with a mark.
_SPELLED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
)


def derived_key(label: str, taken: Collection[str], fallback: str, gone: Collection[str] = ()) -> str:
    """A key made of the label; not among `taken` in any case.

    A label in another script than the Latin one gives `fallback` and a number, which is not among `gone`,
    either.
    """
    stem = _slug(label)
    spelled = {key.casefold() for key in taken}
    if not stem:
        return _numbered(fallback, spelled | {key.casefold() for key in gone}, len(taken) + 1)
    return _numbered(stem, spelled, 2) if stem in spelled else stem


def _numbered(stem: str, spelled: Collection[str], first: int) -> str:
    return next(key for number in count(first) if (key := f"{stem}_{number}") not in spelled)


def _slug(label: str) -> str:
    """The label in plain letters; empty where most of its letters have none."""
    plain = unicodedata.normalize("NFKD", label.lower().translate(_SPELLED))
    letters = [letter for letter in plain if letter.isalpha()]
    if sum(letter.isascii() for letter in letters) * 2 < len(letters):
        return ""
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")[:_DERIVED_LENGTH].strip("_")

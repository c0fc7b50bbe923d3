"""Keys of variables and codes: what may be one, and how one is made of a label."""

import re
import unicodedata
from collections.abc import Collection

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_DERIVED_LENGTH = 48


def derived_key(label: str, taken: Collection[str], fallback: str) -> str:
    """A key made of the label, `fallback` without a Latin letter; not among `taken` in any case."""
    spelled = {key.casefold() for key in taken}
    stem = _slug(label) or fallback
    candidate, count = stem, 1
    while candidate in spelled:
        count += 1
        candidate = f"{stem}_{count}"
    return candidate


def _slug(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_DERIVED_LENGTH].strip("_")

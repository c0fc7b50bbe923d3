"""The lock file: which version of each library is installed, and the hashes that its files must have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PIN = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9.-]*)(\[[a-z0-9,-]+\])?==(?P<version>[^\s;]+)(\s*;\s*(?P<where>.+))?"
)


@dataclass(frozen=True)
class Pinned:
    """A library of the lock file. `where` is the condition under which it is installed; empty: everywhere."""

    name: str
    version: str
    hashes: tuple[str, ...]
    where: str = ""


def pinned(text: str) -> tuple[Pinned, ...]:
    """The libraries in the text of a lock file.

    Raises:
        ValueError: a line is no library with a fixed version, or one has no hash.
    """
    return tuple(_libraries(text))


def _libraries(text: str) -> Iterator[Pinned]:
    for entry in text.replace("\\\n", " ").splitlines():
        written = _HASH.sub("", entry).strip()
        if not written or written.startswith("#"):
            continue
        found = _PIN.fullmatch(written)
        hashes = tuple(_HASH.findall(entry))
        if found is None or not hashes:
            raise ValueError(f"not a library with a version and a hash: {written}")
        yield Pinned(found["name"], found["version"], hashes, found["where"] or "")

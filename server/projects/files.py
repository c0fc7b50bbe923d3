"""How files of a project are called."""

import re
import unicodedata

from server.projects.access import Access

_LONGEST = 60


def file_stem(access: Access) -> str:
    """What their names begin with: the title in plain letters, or the key where it has none of these."""
    letters = unicodedata.normalize("NFKD", access.project_title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:_LONGEST]
    return stem.rstrip("-") or access.project_key

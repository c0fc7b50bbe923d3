"""What figures and tables of a page are called as files: those of several questions stay apart. Pure."""

import re
from typing import Protocol

# What of an address tells one file of a page from the next, in the order in which names have it.
_TELLING = ("round", "variable", "question", "code", "by", "weights", "reach", "width")
_LONGEST = 100


class Given(Protocol):
    """The queries of an address."""

    def getlist(self, key: str, /) -> list[str]:
        """All values of a name."""


def called(name: str, given: Given, ending: str) -> str:
    """The name of a file: `shares-stance-column.svg` is of a question, and as wide as a column."""
    said = (re.sub(r"[^A-Za-z0-9_]+", "-", value) for key in _TELLING for value in given.getlist(key))
    words = "-".join(filter(None, (name, *(word.strip("-") for word in said))))
    return f"{words[:_LONGEST]}.{ending}"


def arriving(name: str) -> dict[str, str]:
    """The header by which a browser keeps a file under this name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}

"""Under which condition a variable is asked: as a codebook file writes it, and in words.

A condition is a set of answers to variables that stand before the variable; any of them fulfils it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from server.language import gettext as _


class ConditionSheet(NamedTuple):
    """One answer after which a variable is asked: a variable and a code of it, by their keys."""

    on: str
    code: str


When = frozenset[ConditionSheet]
ALWAYS: When = frozenset()
_PART = re.compile(r"([^=|;\s]+)\s*=\s*([^=|;\s]+(?:\s*\|\s*[^=|;\s]+)*)")


def read_when(text: str) -> When | None:
    """The condition in `expression=attachment|quality; emotion=strong`; None if `text` writes none."""
    found: set[ConditionSheet] = set()
    for part in text.split(";") if text.strip() else ():
        said = _PART.fullmatch(part.strip())
        if said is None:
            return None
        found |= {ConditionSheet(said[1], code.strip()) for code in said[2].split("|")}
    return frozenset(found)


def write_when(conditions: Iterable[ConditionSheet]) -> str:
    """The text that `read_when` reads as this condition, in the order given."""
    parts = groupby(conditions, key=lambda condition: condition.on)
    return "; ".join(f"{on}={'|'.join(condition.code for condition in of)}" for on, of in parts)


def only_if(groups: Sequence[tuple[str, Sequence[str]]]) -> str:
    """The condition in words; empty for a variable that is always asked. `groups`: question, its codes."""
    if not groups:
        return ""
    said = [
        _("“{question}” is {codes}").format(
            question=question, codes=_(" or ").join(_("“{code}”").format(code=code) for code in codes)
        )
        for question, codes in groups
    ]
    return _("only if {conditions}").format(conditions=_(", or ").join(said))

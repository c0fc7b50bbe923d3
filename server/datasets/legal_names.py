"""Names and labels as SPSS and Stata allow them.

SPSS: at most 64 bytes, a letter first, then letters, digits and underscores (it takes a few more signs, which
only trouble its syntax). Stata: the same with 32 characters. Both have reserved words, and names that differ
in case alone are one to SPSS.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from server.datasets.table import Column

_SPSS_WORDS = "all and by eq ge gt le lt ne not or to with"
_STATA_WORDS = (
    "_all _b byte _coef _cons double float if in int long _n _pi _pred _rc _skip strl using with "
    "alias _r aggregate array boolean break class complex const continue delegate delete do else enum "
    "explicit export external for friend function global goto local matrix namespace new null numeric "
    "operator pointer private protected public quad real scalar short static string struct super switch "
    "template this throw try typedef union vector version virtual void volatile while"
)
_STATA_TYPE = re.compile(r"str\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """What a program allows: how long names are in bytes, and how long the labels of columns and codes.

    `in_bytes`: labels are counted in bytes, not in letters. `reserved` are words no column may be called.
    """

    name: int
    label: int
    code_label: int
    in_bytes: bool
    reserved: frozenset[str]


SPSS = Limits(64, 255, 120, in_bytes=True, reserved=frozenset(_SPSS_WORDS.split()))
# The library that writes the files calls the labels of codes by the name and a number of up to four digits.
STATA = Limits(28, 80, 8_000, in_bytes=False, reserved=frozenset(_STATA_WORDS.split()))


def legal_names(columns: Sequence[Column], limits: Limits) -> list[str]:
    """A legal name for each column, all of them different."""
    taken: set[str] = set()
    found = []
    for column in columns:
        wanted = _legal(column.key, limits)
        name, count = wanted, 1
        while name.casefold() in taken:
            count += 1
            name = shortened(wanted, limits.name - len(f"_{count}"), in_bytes=True) + f"_{count}"
        taken.add(name.casefold())
        found.append(name)
    return found


def label_of(column: Column, name: str, limits: Limits) -> str:
    """The label of a column; its own name stands in front where that had to change."""
    said = column.label if name == column.key else f"{column.key}: {column.label}"
    return ended(" ".join(said.split()), limits.label, in_bytes=limits.in_bytes)


def code_label(label: str, limits: Limits) -> str:
    """The label of a code."""
    return ended(" ".join(label.split()), limits.code_label, in_bytes=limits.in_bytes)


def shortened(text: str, most: int, *, in_bytes: bool) -> str:
    """As much of the beginning as there is room for."""
    return text.encode()[:most].decode(errors="ignore") if in_bytes else text[:most]


def ended(text: str, most: int, *, in_bytes: bool) -> str:
    """The text, or as much as there is room for and "…"."""
    length = len(text.encode()) if in_bytes else len(text)
    room = most - (3 if in_bytes else 1)
    return text if length <= most else shortened(text, room, in_bytes=in_bytes) + "…"


def _legal(key: str, limits: Limits) -> str:
    # Letters of any script, as both programs take them since they speak Unicode.
    name = re.sub(r"\W", "_", key)
    if not name[:1].isalpha():
        name = "v_" + (name.strip("_") or "x")
    if name.casefold() in limits.reserved or _STATA_TYPE.fullmatch(name):
        name = "v_" + name
    # SPSS warns of an underscore at the end: some of its commands make such names themselves.
    return shortened(name, limits.name, in_bytes=True).rstrip("_")

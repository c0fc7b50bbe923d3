"""Ids that lost their last digits on the way, in a program that read them as numbers."""

import re
from collections.abc import Iterable

# A double holds fifteen digits for certain.
_LONG = re.compile(r"\d{17,25}", re.ASCII)
_SURE_DIGITS = 15
_ENOUGH = 3


def look_rounded(ids: Iterable[str]) -> bool:
    """Whether all long ids are such as rounding leaves: full of zeros, or exactly what a double can hold.

    Of true ids of nineteen digits one in 256 is; that three or more are by chance does not happen.
    """
    long = [int(text) for text in ids if _LONG.fullmatch(text)]
    if len(set(long)) < _ENOUGH:
        return False
    ends_in_zeros = all(value % 10 ** (len(str(value)) - _SURE_DIGITS) == 0 for value in long)
    return ends_in_zeros or all(int(float(value)) == value for value in long)

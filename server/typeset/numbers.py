"""Numbers as papers print them (APA, Publication Manual, 7th edition, 6.36 and 6.42 to 6.44).

Two decimals; a true minus sign; in English no zero in front of what cannot exceed 1, which no other language
leaves out. What is undefined is a dash, which the note of the table has to explain.
"""

from collections.abc import Iterable

from server.language import code, number
from server.language import gettext as _

UNDEFINED = "—"
_MINUS = "\N{MINUS SIGN}"


def bounded(value: float | None, digits: int = 2) -> str:
    """A statistic that lies between -1 and 1: `.27`, `−.05`, `1.00`; `0,27` in French."""
    said = decimal(value, digits)
    is_bare = code() == "en" and said.lstrip(_MINUS).startswith("0.")
    return said.replace("0.", ".", 1) if is_bare else said


def decimal(value: float | None, digits: int = 2) -> str:
    """A number that may be of any size: `1,234.50`, `−0.07`; `1 234,50` in French."""
    if value is None:
        return UNDEFINED
    # What rounds to nothing is no less than nothing.
    return number(round(value, digits) or 0.0, digits).replace("-", _MINUS)


def count(value: int) -> str:
    """How many: `1,482`; `1 482` in French."""
    return number(value)


def interval(limits: tuple[float, float] | None, digits: int = 2, *, is_bounded: bool = True) -> str:
    """The ends of an interval: `[.20, .34]`, `[0.87, 2.10]` where they can exceed 1; `[0,20 ; 0,34]`."""
    if limits is None:
        return UNDEFINED
    return f"[{listed(bounded(end, digits) if is_bounded else decimal(end, digits) for end in limits)}]"


def listed(numbers: Iterable[str]) -> str:
    """Numbers one after the other; with semicolons where a comma is what decimals stand behind."""
    return f"{_(';') if ',' in number(0, 1) else ','} ".join(numbers)


def p_value(value: float | None) -> str:
    """A p-value to three decimals: `.012`, `< .001`; `0,012` in French."""
    if value is None:
        return UNDEFINED
    return f"< {bounded(0.001, 3)}" if value < 0.001 else bounded(value, 3)


def degrees(value: float) -> str:
    """Degrees of freedom, which have no marks between thousands: `3`, `2921.8`; `2921,8` in French."""
    whole, _point, tenths = f"{value:.1f}".partition(".")
    return whole if tenths == "0" else whole + number(int(tenths) / 10, 1)[1:]

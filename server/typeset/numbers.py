"""Numbers as the APA writes them (Publication Manual, 7th edition, 6.36 and 6.42 to 6.44), in any language.

Two decimals; no zero in front of what cannot exceed 1; a true minus sign. What is undefined is a dash, which
the note of the table has to explain.
"""

UNDEFINED = "—"
_MINUS = "\N{MINUS SIGN}"


def bounded(value: float | None, digits: int = 2) -> str:
    """A statistic that lies between -1 and 1, without a leading zero: `.27`, `−.05`, `1.00`."""
    said = decimal(value, digits)
    return said.replace("0.", ".", 1) if said.lstrip(_MINUS).startswith("0.") else said


def decimal(value: float | None, digits: int = 2) -> str:
    """A number that may be of any size: `1,234.50`, `−0.07`."""
    if value is None:
        return UNDEFINED
    said = f"{value:,.{digits}f}"
    return f"{value:z,.{digits}f}".replace("-", _MINUS) if said.startswith("-") else said


def count(value: int) -> str:
    """How many: `1,482`."""
    return f"{value:,}"


def interval(limits: tuple[float, float] | None, digits: int = 2, *, is_bounded: bool = True) -> str:
    """The ends of an interval: `[.20, .34]`, or `[0.87, 2.10]` where they can exceed 1."""
    if limits is None:
        return UNDEFINED
    low, high = (bounded(end, digits) if is_bounded else decimal(end, digits) for end in limits)
    return f"[{low}, {high}]"


def p_value(value: float | None) -> str:
    """A p-value to three decimals: `.012`, `< .001`."""
    if value is None:
        return UNDEFINED
    return "< .001" if value < 0.001 else bounded(value, 3)

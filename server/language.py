"""The language of the person being answered, and the words and numbers said in it.

The English text is the key. `use` is called once a request; a worker thread inherits the choice, since
context variables travel with the request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations

from babel.dates import format_date, format_skeleton
from babel.numbers import get_decimal_symbol, get_group_symbol

_current: ContextVar[tuple[str, NullTranslations]] = ContextVar(
    "language", default=("en", NullTranslations())
)


def use(code: str, catalogue: GNUTranslations | NullTranslations) -> None:
    """Answer in the language `code` with `catalogue` from here on."""
    _current.set((code, catalogue))


@contextmanager
def speaking(code: str, catalogue: GNUTranslations | NullTranslations) -> Iterator[None]:
    """Say in the language `code` what is said within, and afterwards go on in the one before."""
    before = _current.set((code, catalogue))
    try:
        yield
    finally:
        _current.reset(before)


def code() -> str:
    """The code of the language in use, such as `en`."""
    return _current.get()[0]


def gettext(message: str) -> str:
    """`message` in the language in use."""
    return _current.get()[1].gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of a message that fits `count`, in the language in use."""
    return _current.get()[1].ngettext(singular, plural, count)


def locale() -> str:
    """Whose dates and numbers are written: English here is that of Britain."""
    return {"en": "en_GB"}.get(code(), code())


def long_date(day: date) -> str:
    """A day with its year: `8 August 2025`."""
    return _first_of_month(day, str(format_date(day, "long", locale=locale())))


def date_of_year(day: date) -> str:
    """A day of this year: `8 August`."""
    return _first_of_month(day, str(format_skeleton("MMMMd", day, locale=locale())))


def month_of_year(day: date) -> str:
    """The month of a day in words: `August 2025`."""
    return str(format_skeleton("yMMMM", day, locale=locale()))


def _first_of_month(day: date, said: str) -> str:
    """In French the first of a month is an ordinal (`1er août`), which Unicode's patterns do not know."""
    return said.replace("1", "1er", 1) if day.day == 1 and code() == "fr" else said


def number(value: float, digits: int = 0) -> str:
    """A number with its thousands set apart and `digits` decimals."""
    return _in_marks(f"{value:,.{digits}f}")


def figure(value: float) -> str:
    """A number with as many decimals as it has: `3`, `2.5`."""
    return _in_marks(f"{value:g}")


def _in_marks(said: str) -> str:
    # Babel takes long over each number, and progress shows a new one on every page of an annotator.
    thousands, point = _marks(locale())
    return said.translate({ord(","): thousands, ord("."): point})


@cache
def _marks(locale: str) -> tuple[str, str]:
    """What a language puts between thousands and before decimals."""
    return get_group_symbol(locale), get_decimal_symbol(locale)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it, which pybabel knows
    """`message` as it is: marks a text to be collected where it is not yet said in any language."""
    return message


_ = gettext

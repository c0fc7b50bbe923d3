"""Dates, numbers and texts as a reader expects them: the templates' filters."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import get_decimal_symbol, get_group_symbol
from markupsafe import Markup, escape

from server import language
from server.language import gettext as _

_LINKABLE = re.compile(r"(https?://[^\s<>\"']+|[#@]\w+)")


def moment(value: datetime | None) -> str:
    """Date and time: `8 August 2025, 21:14`."""
    return "" if value is None else _moment(value, _locale())


@lru_cache(maxsize=4_096)
def _moment(value: datetime, locale: str) -> str:
    return format_datetime(value, "d MMMM y, HH:mm", locale=locale)


def iso(value: datetime | None) -> str:
    """Date and time for a program, as HTML's `datetime` takes it (ISO 8601)."""
    return "" if value is None else value.isoformat()


def day(value: datetime | None) -> str:
    """Date alone: `8 August 2025`."""
    return "" if value is None else format_date(value, "d MMMM y", locale=_locale())


def number(value: float | None, digits: int = 0) -> str:
    """A number with its thousands set apart and `digits` decimals."""
    return "" if value is None else _number(value, digits, _locale())


def _number(value: float, digits: int, locale: str) -> str:
    # Babel takes long over each number, and progress shows a new one on every page of an annotator.
    thousands, point = _marks(locale)
    said = f"{value:,.{digits}f}"
    return said.translate({ord(","): thousands, ord("."): point})


@cache
def _marks(locale: str) -> tuple[str, str]:
    """What a language puts between thousands and before decimals."""
    return get_group_symbol(locale), get_decimal_symbol(locale)


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage: `27.1 %`."""
    return "" if value is None else f"{number(100 * value, digits)}\N{NO-BREAK SPACE}%"


def coefficient(value: float | None) -> str:
    """A coefficient with two decimals and a true minus sign; words where it is undefined."""
    if value is None:
        return _("undefined")
    return number(value, 2).replace("-", "\N{MINUS SIGN}")


def post_text(value: str) -> Markup:
    """A post's text, escaped, with its web addresses as links and its hashtags and handles marked."""
    pieces = [
        _piece(part) if position % 2 else escape(part) for position, part in enumerate(_LINKABLE.split(value))
    ]
    return Markup("".join(pieces))  # noqa: S704 - every piece is escaped


def _piece(part: str) -> str:
    said = escape(part)
    if part.startswith("http"):
        return f'<a href="{said}" rel="noreferrer noopener nofollow" target="_blank">{said}</a>'
    return f'<span class="hashtag">{said}</span>'


def field_id(*parts: Any) -> str:
    """An id for a form field that CSS and labels can point to."""
    return "f-" + "-".join(re.sub(r"[^A-Za-z0-9_]", "-", str(part)) for part in parts)


def _locale() -> str:
    return {"en": "en_GB"}.get(language.code(), language.code())


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "iso": iso,
    "day": day,
    "number": number,
    "percent": percent,
    "coefficient": coefficient,
    "post_text": post_text,
}

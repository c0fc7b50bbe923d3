"""Dates, numbers and texts as a reader expects them: the templates' filters."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_time, get_datetime_format
from markupsafe import Markup, escape

from server import language
from server.language import gettext as _
from server.web.finding import marked

_LINKABLE = re.compile(r"(https?://[^\s<>\"']+|[#@]\w+)")


def moment(value: datetime | None) -> str:
    """Date and time, with the zone they are told in: `8 August 2025, 21:14 UTC`."""
    return "" if value is None else _moment(value, language.locale())


@lru_cache(maxsize=4_096)
def _moment(value: datetime, locale: str) -> str:
    joined = str(get_datetime_format("medium", locale=locale))
    time = format_time(value, "short", locale=locale)
    return joined.format(f"{time} UTC", language.long_date(value))


def iso(value: datetime | None) -> str:
    """Date and time for a program, as HTML's `datetime` takes it (ISO 8601)."""
    return "" if value is None else value.isoformat()


def day(value: date | None) -> str:
    """Date alone: `8 August 2025`."""
    return "" if value is None else language.long_date(value)


def number(value: float | None, digits: int = 0) -> str:
    """A number with its thousands set apart and `digits` decimals."""
    return "" if value is None else language.number(value, digits)


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage on a page: `27.1 %`; English has a space here, as in the pages' texts."""
    if value is not None and language.locale() == "en_GB":
        return f"{number(100 * value, digits)}\N{NO-BREAK SPACE}%"
    return percent_in_print(value, digits)


def percent_in_print(value: float | None, digits: int = 1) -> str:
    """A share as a percentage in what goes into papers: `27.1%` in English, `27,1 %` in French."""
    if value is None:
        return ""
    before, after = _percent_signs(language.locale())
    return f"{before}{number(100 * value, digits)}{after}"


@cache
def _percent_signs(locale: str) -> tuple[str, str]:
    """What stands before and after a percentage."""
    pattern = Locale.parse(locale).percent_formats[None]
    return pattern.prefix[0], pattern.suffix[0]


def coefficient(value: float | None) -> str:
    """A coefficient with two decimals and a true minus sign; words where it is undefined."""
    if value is None:
        return _("undefined")
    return number(value, 2).replace("-", "\N{MINUS SIGN}")


Dress = Callable[[int, str], Markup]


def _undressed(_begins: int, text: str) -> Markup:
    return escape(text)


def post_text(value: str, dress: Dress = _undressed) -> Markup:
    """A post's text, escaped, with its web addresses as links and its hashtags and handles marked.

    `dress` says how a stretch of it is shown, which begins at so many code points of the text.
    """
    if not value:  # No post comes without a text.
        return Markup('<span class="quiet">{}</span>').format(_("This post was taken down."))
    pieces, begins = [], 0
    for position, part in enumerate(_LINKABLE.split(value)):
        said = dress(begins, part)
        pieces.append(_piece(part, said) if position % 2 else said)
        begins += len(part)
    return Markup("".join(pieces))  # noqa: S704 - every piece is escaped


def _piece(part: str, said: Markup) -> str:
    if part.startswith("http"):
        return f'<a href="{escape(part)}" rel="noreferrer noopener nofollow" target="_blank">{said}</a>'
    return f'<span class="hashtag">{said}</span>'


def field_id(*parts: Any) -> str:
    """An id for a form field that CSS and labels can point to."""
    return "f-" + "-".join(re.sub(r"[^A-Za-z0-9_]", "-", str(part)) for part in parts)


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "iso": iso,
    "day": day,
    "number": number,
    "figure": language.figure,
    "percent": percent,
    "coefficient": coefficient,
    "post_text": post_text,
    "marked": marked,
}

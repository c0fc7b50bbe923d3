"""When a post was written, from the ways in which exports write times. A time without a zone is UTC."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

from server.corpora.remembered import Remembered

# Outside of these a date is a mistake, and the ends of the calendar overflow in the time zone of a reader.
FIRST_YEAR, LAST_YEAR = 1900, 2100

_UNIX = re.compile(r"(\d{9,10}|\d{12,13})(\.\d+)?", re.ASCII)
_MILLISECONDS = 12
_REMEMBERED = 50_000
_ZONE_WORD = re.compile(r"\s*(UTC|GMT)$")
# As Facebook's tools write them: the hours by which a clock there is ahead.
_OTHER_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7} | {
    "BST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
}
_IN_ZONE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ([A-Z]{3,4})", re.ASCII)


def read_time(text: str) -> datetime | None:
    """The moment that `text` names, in UTC; None when it cannot be read for certain.

    Reads ISO 8601 (with `Z`, an offset, or neither), `2025-08-06 12:00:00` with or without ` UTC`, a date
    alone (midnight), `Wed Aug 06 12:00:00 +0000 2025`, and Unix time in seconds or milliseconds. Dates
    such as 08/06/2025 are not guessed at, since half of the world reads them the other way round.
    """
    moment = _moment(text.strip())
    return moment if moment and FIRST_YEAR <= moment.year <= LAST_YEAR else None


class Clock:
    """Reads times, and remembers those it has read: in a file they come up again and again."""

    def __init__(self) -> None:
        self._known = Remembered(_read, _REMEMBERED)

    def moments(self, texts: Iterable[str | None]) -> Iterator[datetime | None]:
        """The moments that texts name; None where one cannot be read, or there is no text."""
        return map(self._known.__getitem__, texts)

    def is_unread(self, text: str | None) -> bool:
        """Whether there is a text that names no moment."""
        return bool(text) and self._known[text] is None

    def are_read(self, texts: Sequence[str | None]) -> bool:
        """Whether none of these is a text that names no moment."""
        return all(self.moments(texts)) or not any(map(self.is_unread, texts))


def _read(text: str | None) -> datetime | None:
    return read_time(text) if text else None


def _moment(text: str) -> datetime | None:
    unix = _UNIX.fullmatch(text)
    try:
        if unix:
            return _from_unix(unix)
        moment = _from_iso(text) or _from_zone(text) or _from_words(text)
        return _in_utc(moment) if moment else None
    except (ValueError, OverflowError, OSError):
        return None


def _from_unix(unix: re.Match[str]) -> datetime:
    number = float(unix[0])
    seconds = number / 1000 if len(unix[1]) >= _MILLISECONDS else number
    return datetime.fromtimestamp(seconds, UTC)


def _from_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_ZONE_WORD.sub("", text))
    except ValueError:
        return None


def _from_zone(text: str) -> datetime | None:
    found = _IN_ZONE.fullmatch(text)
    if found is None or found[2] not in _OTHER_ZONES:
        return None
    zone = timezone(timedelta(hours=_OTHER_ZONES[found[2]]))
    return datetime.fromisoformat(found[1]).replace(tzinfo=zone)


def _from_words(text: str) -> datetime | None:
    # It begins with the name of a day. To find out otherwise costs more than all the rest of a row.
    return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y") if text[:3].isalpha() else None


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

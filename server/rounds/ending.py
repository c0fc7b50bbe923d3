"""When a round ends, in words. A day ends at midnight UTC; nothing is locked by it."""

from datetime import date, datetime

from server import language
from server.language import gettext as _
from server.language import ngettext
from server.web.words import number


def ending(ends_on: date | None, now: datetime) -> str:
    """Such as "ends on 3 December, in 6 days"; empty where no end is set."""
    if ends_on is None:
        return ""
    today = now.date()
    left = (ends_on - today).days
    if left < 0:
        return _("ended on %(day)s, and can still be coded") % {"day": _day(ends_on, today)}
    if left == 0:
        return _("ends today")
    words = ngettext("ends on %(day)s, in %(n)s day", "ends on %(day)s, in %(n)s days", left)
    return words % {"day": _day(ends_on, today), "n": number(left)}


def _day(day: date, today: date) -> str:
    """The day; with its year only where that is another one."""
    return language.date_of_year(day) if day.year == today.year else language.long_date(day)

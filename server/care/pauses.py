"""When an annotator is reminded to pause."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Whoever submits nothing for so long has paused.
BREAK = timedelta(minutes=15)
LONGEST = 600


@dataclass(frozen=True)
class Stretch:
    """Coding without a pause: since when, and when the last two posts were done."""

    began_at: datetime | None
    before_at: datetime | None
    latest_at: datetime | None


def minutes_to_say(stretch: Stretch, every: int, now: datetime) -> int | None:
    """For how many minutes somebody has been coding, where that is to be said now.

    It is said with one post after every so many minutes: with the first that comes when they are over.
    """
    began, latest = stretch.began_at, stretch.latest_at
    if not every or began is None or latest is None or now - latest > BREAK:
        return None
    before = max(stretch.before_at or began, began)
    if _minutes(began, latest) // every <= _minutes(began, before) // every:
        return None
    return _minutes(began, latest)


def _minutes(begin: datetime, end: datetime) -> int:
    return int((end - begin).total_seconds() // 60)

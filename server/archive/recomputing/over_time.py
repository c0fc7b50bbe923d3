"""The share of every code by the day, week or month (UTC) in which posts were posted."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from server.archive.recomputing.finals import Final
from server.archive.recomputing.reading import NOTHING, Question, Row
from server.archive.recomputing.shares import Carrying, Number, carrying, repeat, share


def shares_over_time(
    step: str, question: Question, finals: dict[str, Final], posts: list[Row]
) -> Iterator[tuple[str, str, dict[str, Number]]]:
    """Rows (code, time, numbers), of times in which a post is coded on the code."""
    times = {row["post_id"]: time_of(step, row["posted_at"]) for row in posts}
    authors = {row["post_id"]: row["author_number"] for row in posts}
    for code, of in carrying(question, finals).items():
        if code == NOTHING:
            continue
        by_time: dict[str, dict[str, Carrying]] = {}
        for post, one in of.items():
            if one.counts and times[post]:
                by_time.setdefault(times[post], {})[post] = one
        # One way for all times, also for those in which no author repeats.
        is_clustered = repeat([post for found in by_time.values() for post in found], authors)
        for time, found in sorted(by_time.items()):
            yield code, time, share(found, authors, is_clustered=is_clustered)


def time_of(step: str, posted_at: str) -> str:
    """The day, the first day of the week, or the month; empty where there is no date."""
    if not posted_at:
        return ""
    day = datetime.fromisoformat(posted_at).date()
    if step == "week":
        day -= timedelta(days=day.weekday())
    return day.isoformat()[:7] if step == "month" else day.isoformat()

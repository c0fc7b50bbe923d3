"""The lead's page of the time that posts take, which is there only where time is measured."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response

from server.care.queries import care_of
from server.coding.entry import ROUND, Number
from server.coding.times import PAUSE, Times, times
from server.errors import NotFound
from server.projects.access import ManagesRounds
from server.rounds.queries import RoundLine, round_numbered, sight_of
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()


@dataclass(frozen=True)
class TimesPage:
    """The median minutes of each annotator; `why_none`: the reader codes in the round."""

    round: RoundLine
    since: datetime
    why_none: str
    times: tuple[Times, ...]
    pause_minutes: int


@router.get(ROUND + "/times", name="coding.times")
def times_(request: Request, db: Db, access: ManagesRounds, number: Number) -> Response:
    """How many minutes a post took each annotator."""
    since = care_of(db, access.project_id).timed_since
    if since is None:
        raise NotFound
    found = round_numbered(db, access, number)
    why_none = sight_of(db, access, found.id).why_no_codings
    measured = () if why_none else times(db, access, found.id, since)
    page = TimesPage(found, since, why_none, measured, int(PAUSE.total_seconds() // 60))
    return render(request, "coding/times.html", page)

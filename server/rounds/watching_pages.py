"""The page on which the lead follows a round while it is coded."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Request, Response

from server.clock import now
from server.projects.access import ManagesRounds
from server.rounds import queries, watching
from server.rounds.gold_use import GoldUse, gold_use
from server.rounds.watching import PAGE, Doubted, Lagging, Pace
from server.web.numbers import PageNumber, number_in_path
from server.web.rendering import render
from server.web.routing import Db, pages

router = pages()
Number = Annotated[int, number_in_path("number")]


@dataclass(frozen=True)
class WatchPage:
    """A round as it goes. `is_late`: at this pace it ends after its last day."""

    round: queries.RoundLine
    sight: queries.Sight
    pace: Pace
    most_a_day: int
    is_late: bool
    ends_on: date | None
    lagging: tuple[Lagging, ...]
    page: int
    has_next: bool
    doubted: tuple[Doubted, ...]
    n_unsure: int
    n_questions: int
    gold: GoldUse


@router.get("/projects/{project_key}/rounds/{number}/watch", name="rounds.watch")
def watch(request: Request, db: Db, access: ManagesRounds, number: Number, page: PageNumber) -> Response:
    """Pace, posts that lag behind, doubts and questions of a round."""
    found = queries.round_numbered(db, access, number)
    pace = watching.pace(db, found.id, found.progress.n_left, now())
    behind = () if found.progress.is_shared else watching.lagging(db, access, found.id, page)
    shown = WatchPage(
        round=found,
        sight=queries.sight_of(db, access, found.id),
        pace=pace,
        most_a_day=max((n for _day, n in pace.days), default=0),
        is_late=bool(pace.ends_on and found.ends_on and pace.ends_on > found.ends_on),
        ends_on=found.ends_on,
        lagging=behind[:PAGE],
        page=page,
        has_next=len(behind) > PAGE,
        doubted=watching.doubted(db, access, found.id),
        n_unsure=queries.n_unsure(db, access, found.id),
        n_questions=watching.n_questions(db, access, found.id),
        gold=gold_use(db, found.id),
    )
    return render(request, "rounds/watch.html", shown)

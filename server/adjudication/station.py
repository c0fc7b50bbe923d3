"""What the decisions tell the overview of a project."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.adjudication.models import Decision, StandingDecision
from server.adjudication.queries import Queue, quick_queue
from server.adjudication.scope import Scope, shared_scope
from server.adjudication.standing import WITHDRAWN
from server.language import gettext as _
from server.language import ngettext
from server.projects.overview import Station
from server.projects.roles import Permission
from server.web.words import number


def decisions_station(db: Session, project_ids: Collection[int]) -> Mapping[int, Station]:
    """How many posts of each project are open to decide, and how many decisions stand."""
    statement = (
        select(col(StandingDecision.project_id), func.count().label("standing"))
        .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
        .where(col(StandingDecision.project_id).in_(project_ids), col(Decision.basis) != WITHDRAWN)
        .group_by(col(StandingDecision.project_id))
    )
    found = {row.project_id: row.standing for row in db.execute(statement)}
    return {project_id: _station(db, project_id, found.get(project_id, 0)) for project_id in project_ids}


def _station(db: Session, project_id: int, n_standing: int) -> Station:
    scope = shared_scope(db, project_id)
    queue = quick_queue(db, scope)
    n_disputed = len(queue.disputes) if queue else 0
    return Station(
        _("Disagreements"),
        " ".join([*_open(queue), _standing(n_standing)]),
        _is_done(queue, scope, n_standing),
        "adjudication.queue",
        _("Review disagreements"),
        Permission.REVIEW_DISAGREEMENTS,
        queue.n_decided if queue and n_disputed else None,
        n_disputed or None,
    )


def _is_done(queue: Queue | None, scope: Scope, n_standing: int) -> bool:
    """Never while a post is open, or might be: not all of a large project is compared for this."""
    if queue is None or queue.open or scope.hidden:
        return False
    return bool(queue.disputes or n_standing)


def _open(queue: Queue | None) -> list[str]:
    if queue is None:
        return [_("The list counts the posts that are open.")]
    n = len(queue.open)
    if n:
        return [ngettext("%s post is open to decide.", "%s posts are open to decide.", n) % number(n)]
    return [_("No post is open to decide.")] if queue.disputes else []


def _standing(n: int) -> str:
    if not n:
        return _("Nothing is decided yet.")
    return ngettext("%s decision stands.", "%s decisions stand.", n) % number(n)

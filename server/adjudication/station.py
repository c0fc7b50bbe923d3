"""What the decisions tell the overview of a project."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.adjudication.models import Decision, StandingDecision
from server.adjudication.standing import WITHDRAWN
from server.language import gettext as _
from server.language import ngettext
from server.projects.overview import Station
from server.projects.roles import Permission
from server.web.words import number


def decisions_station(db: Session, project_ids: Collection[int]) -> Mapping[int, Station]:
    """How many decisions stand in each project."""
    statement = (
        select(col(StandingDecision.project_id), func.count().label("standing"))
        .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
        .where(col(StandingDecision.project_id).in_(project_ids), col(Decision.basis) != WITHDRAWN)
        .group_by(col(StandingDecision.project_id))
    )
    found = {row.project_id: row.standing for row in db.execute(statement)}
    return {project_id: _station(found.get(project_id, 0)) for project_id in project_ids}


def _station(standing: int) -> Station:
    said = _("Nothing is decided yet.")
    if standing:
        said = ngettext("%s decision stands.", "%s decisions stand.", standing) % number(standing)
    return Station(
        _("Disagreements"),
        said,
        standing > 0,
        "adjudication.queue",
        _("Review disagreements"),
        Permission.REVIEW_DISAGREEMENTS,
    )

"""What the codebook tells the overview of a project."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.codebooks.models import CodebookVersion
from server.language import gettext as _
from server.projects.overview import Station
from server.projects.roles import Permission


def codebook_station(db: Session, project_ids: Collection[int]) -> Mapping[int, Station]:
    """Which version of the codebook each project codes by."""
    published = col(CodebookVersion.published_at).is_not(None)
    statement = (
        select(
            col(CodebookVersion.project_id),
            func.max(col(CodebookVersion.number)).filter(published).label("latest"),
        )
        .where(col(CodebookVersion.project_id).in_(project_ids))
        .group_by(col(CodebookVersion.project_id))
    )
    found = {row.project_id: row for row in db.execute(statement)}
    return {
        project_id: _station(project_id in found, found[project_id].latest if project_id in found else None)
        for project_id in project_ids
    }


def _station(is_begun: bool, latest: int | None) -> Station:
    heading, page, needs = _("Codebook"), "codebooks.show", Permission.SEE_CODEBOOK
    if latest is not None:
        said = _("Version %d is published.") % latest
        return Station(heading, said, True, page, _("Read the codebook"), needs)
    if is_begun:
        said, link = _("There is a draft. Coding begins when it is published."), _("See the draft")
    else:
        said, link = _("No codebook yet. Write it here, or upload it."), _("Go to the codebook")
    others = _("No codebook yet. You can read it here when the lead has published it.")
    begins = Permission.EDIT_CODEBOOK
    return Station(heading, said, False, page, link, needs, begins=begins, said_to_others=others)

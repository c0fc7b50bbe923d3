"""What the posts tell the overview of a project."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.language import gettext as _
from server.language import ngettext
from server.projects.models import Project
from server.projects.overview import Station
from server.projects.roles import Permission
from server.web.words import number


def posts_station(db: Session, project_ids: Collection[int]) -> Mapping[int, Station]:
    """How many posts each project has. Posts are numbered without gaps, so the last number is read."""
    newest = select(func.max(col(Post.number))).where(col(Post.project_id) == col(Project.id))
    statement = select(col(Project.id), newest.scalar_subquery()).where(col(Project.id).in_(project_ids))
    return {project_id: _station(count or 0) for project_id, count in db.execute(statement)}


def _station(count: int) -> Station:
    if count:
        said = ngettext("%s post.", "%s posts.", count) % number(count)
        return Station(_("Posts"), said, True, "corpora.index", _("See the posts"), Permission.SEE_POSTS)
    return Station(
        _("Posts"),
        _("No posts yet. Bring a file with one post a row, or what a program has collected."),
        False,
        "corpora.index",
        _("Import posts"),
        Permission.SEE_POSTS,
        begins=Permission.IMPORT_POSTS,
        said_to_others=_("No posts yet. The lead imports them."),
    )

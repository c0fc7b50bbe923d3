"""A takedown of nothing, of which the database alone knows."""

from sqlmodel import Session

from server.clock import now
from server.corpora.models import Takedown
from server.projects.models import Project
from tests import make


def record_takedown(db: Session, project: Project) -> None:
    """The row that another process would have written."""
    db.add(
        Takedown(
            project_id=make.id_of(project),
            number=1,
            reason="asked for",
            keeps_codings=True,
            n_posts=0,
            taken_down_by=None,
            taken_down_at=now(),
        )
    )

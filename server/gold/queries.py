"""Which posts have gold that may be handed out."""

from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.gold.models import StandingGold
from server.projects.access import Access


def has_gold() -> ColumnElement[bool]:
    """Whether a post of the statement around it has gold that is not retired."""
    of_post = col(StandingGold.post_id) == col(Post.id)
    return exists().where(of_post, col(StandingGold.retired_at).is_(None)).correlate(Post)


def n_gold(db: Session, access: Access) -> int:
    """How many posts of the project have gold that may be handed out."""
    in_use = (col(StandingGold.project_id) == access.project_id, col(StandingGold.retired_at).is_(None))
    return db.scalar(select(func.count()).select_from(StandingGold).where(*in_use)) or 0

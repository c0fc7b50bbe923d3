"""Which posts were taken down: their text and author are gone, their number and id are what is left."""

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.errors import Refusal
from server.language import gettext as _


def taken_down(db: Session, project_id: int) -> frozenset[int]:
    """The ids of the posts of a project that were taken down."""
    is_down = (col(Post.project_id) == project_id, col(Post.takedown_id).is_not(None))
    return frozenset(filter(None, db.scalars(select(col(Post.id)).where(*is_down))))


def still_up(project_id: int, post_id: Any) -> ColumnElement[bool]:
    """Whether a post, of which a statement has the id only, was not taken down."""
    is_down = (col(Post.project_id) == project_id, col(Post.takedown_id).is_not(None))
    is_up: ColumnElement[bool] = post_id.not_in(select(col(Post.id)).where(*is_down).correlate(None))
    return is_up


def refuse_down_by_now(db: Session, post_id: int) -> None:
    """`Refusal` where the post was taken down, be it since it was read."""
    refuse_taken_down(db.scalar(select(col(Post.takedown_id)).where(col(Post.id) == post_id)) is not None)


def refuse_taken_down(is_down: bool) -> None:
    """`Refusal` where nobody can read the post any more."""
    if is_down:
        raise Refusal(
            _(
                "This post was taken down. Nobody can read it any more, so nothing is coded or decided "
                "about it."
            )
        )

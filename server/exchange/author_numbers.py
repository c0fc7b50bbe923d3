"""Authors as numbers, the same in every file that leaves the server."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.projects.access import Access


def author_numbers(db: Session, access: Access) -> Mapping[str, str]:
    """Author → `author-` and the number of their first post, which no other download changes."""
    first = (
        select(col(Post.author), func.min(col(Post.number)))
        .where(col(Post.project_id) == access.project_id, col(Post.author) != "")
        .group_by(col(Post.author))
    )
    return {author: f"author-{number}" for author, number in db.execute(first)}

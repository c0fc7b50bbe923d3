"""What rounds and codings do with posts.

Their tables belong to features above this one, which cannot be imported from here. The few columns that
decide whether a post may change are therefore named, not imported.
"""

from sqlalchemy import ColumnElement, column, exists, or_, select, table
from sqlmodel import Session, col

from server.corpora.models import Post

_assignment = table("assignment", column("post_id"), column("round_id"), column("coding_id"))
_gold = table("standing_gold", column("post_id"))
_round = table("round", column("id"), column("number"), column("title"))


def has_codings() -> ColumnElement[bool]:
    """Whether a post of the statement around it has a coding, or gold answers."""
    is_coded = exists().where(_assignment.c.post_id == col(Post.id), _assignment.c.coding_id.is_not(None))
    has_gold = exists().where(_gold.c.post_id == col(Post.id))
    return or_(is_coded.correlate(Post), has_gold.correlate(Post))


def rounds_of(db: Session, post_id: int) -> tuple[tuple[int, str], ...]:
    """Number and title of the rounds in which a post is to be coded."""
    assigned = select(_assignment.c.round_id).where(_assignment.c.post_id == post_id)
    statement = select(_round.c.number, _round.c.title).where(_round.c.id.in_(assigned))
    return tuple((number, title) for number, title in db.execute(statement.order_by(_round.c.number)))

"""The extra fields of posts: their names, and what stands in them."""

from typing import Any

from sqlalchemy import TableValuedAlias, func, select, true
from sqlmodel import Session, col

from server.corpora.models import Post


def cells_of(db: Session) -> TableValuedAlias:
    """The extra fields of a post as rows of `key` and `value`, whatever characters a name has."""
    is_sqlite = db.get_bind().dialect.name == "sqlite"
    unfold: Any = func.json_each if is_sqlite else func.json_each_text
    cells: TableValuedAlias = unfold(col(Post.extra)).table_valued("key", "value")
    return cells


def extra_fields(db: Session, project_id: int) -> tuple[str, ...]:
    """The names of all further columns that the posts of the project came with."""
    cells = cells_of(db)
    of_project = (
        select(cells.c.key).select_from(Post).join(cells, true()).where(col(Post.project_id) == project_id)
    )
    return tuple(sorted(db.scalars(of_project.distinct())))


def field_values(db: Session, project_id: int, field: str) -> list[str]:
    """The values of an extra field, the most frequent first."""
    cells = cells_of(db)
    counted = (
        select(cells.c.value)
        .select_from(Post)
        .join(cells, true())
        .where(col(Post.project_id) == project_id, cells.c.key == field)
        .group_by(cells.c.value)
        .order_by(func.count().desc(), cells.c.value)
    )
    return list(db.scalars(counted))

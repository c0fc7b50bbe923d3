"""The thread around a post: the post it answers, and what was written before and after it there.

A thread is named by a key, which mostly is the id of its first post; so a post without a key is of the thread
that has its id. What is found is text with its date: whoever codes is not to know who wrote it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
)

from server.corpora.models import Post
from server.db.tables import sql_table

# How many posts are shown on either side of a post, and how much of each.
NEAR = 5
_LONGEST = 2_000
_PARENT_PLACE: ColumnElement[int] = literal_column("0")

_table = sql_table(Post)


@dataclass(frozen=True)
class ThreadPost:
    """A post of a thread. `is_here`: the one around which the thread is shown."""

    number: int
    text: str
    is_cut: bool
    posted_at: datetime | None
    posted_at_text: str | None
    is_here: bool


@dataclass(frozen=True)
class Thread:
    """A post among the others of its thread, in the order of their dates.

    `parent` is the post it answers, which is not among `posts`; None where it answers none, or with
    `lacks_parent` one that the project does not have. So many posts before and after these are left out.
    """

    parent: ThreadPost | None
    lacks_parent: bool
    posts: tuple[ThreadPost, ...]
    n_before: int
    n_after: int

    @property
    def is_one(self) -> bool:
        """Whether there is nothing around the post."""
        return len(self.posts) == 1 and self.parent is None and not self.lacks_parent


def thread_of(post: Any) -> ColumnElement[str]:
    """The key of the thread that a post, given by its columns, stands in: perhaps alone."""
    return func.coalesce(post.thread_key, post.external_id)


def stands_in_thread(post: Any) -> ColumnElement[bool]:
    """Whether a post of a statement, given by its columns, answers one or has others in its thread."""
    other = _table.alias("of_thread")
    is_other = and_(other.c.project_id == post.project_id, other.c.id != post.id)
    return or_(
        post.parent_key != post.external_id,
        exists().where(is_other, other.c.thread_key == thread_of(post)),
        exists().where(is_other, other.c.external_id == post.thread_key),
    )


def around(post_id: ScalarSelect[Any] | int) -> Select[*tuple[Any, ...]]:
    """The statement that finds what `thread_in` reads, about one post.

    The thread is found by its index, whatever else the project has, and of it only the texts near the post
    are read.
    """
    names = ("id", "project_id", "number", "external_id", "posted_at", "thread_key", "parent_key")
    here = select(*(_table.c[name] for name in names)).where(_table.c.id == post_id).cte("here")
    placed = _placed(here)
    mine, post = placed.alias("mine"), _table.alias("near")
    is_near = placed.c.place.between(mine.c.place - NEAR, mine.c.place + NEAR)
    return (
        select(
            post.c.number,
            func.substr(post.c.text, 1, _LONGEST + 1).label("text"),
            post.c.posted_at,
            post.c.posted_at_text,
            placed.c.place,
            placed.c.total,
            mine.c.place.label("own_place"),
            func.nullif(here.c.parent_key, here.c.external_id).label("parent_key"),
        )
        .select_from(here)
        .join(mine, and_(mine.c.id == here.c.id, mine.c.place > _PARENT_PLACE))
        .join(placed, or_(is_near, placed.c.place == _PARENT_PLACE))
        .join(post, post.c.id == placed.c.id)
        .order_by(placed.c.place)
    )


def _placed(here: Any) -> Any:
    """The posts of the thread with their places by date from 1 on; the post that is answered has place 0."""
    parent, member = _table.alias("parent"), _members(here)
    of_project = parent.c.project_id == here.c.project_id
    is_parent = and_(of_project, parent.c.external_id == here.c.parent_key, parent.c.id != here.c.id)
    parents = select(parent.c.id).select_from(here).join(parent, is_parent).cte("parents")
    by_date = (member.c.posted_at.is_(None), member.c.posted_at, member.c.number)
    place = func.row_number().over(order_by=by_date).label("place")
    rows = select(member.c.id, place, func.count().over().label("total")).where(
        member.c.id.not_in(select(parents.c.id))
    )
    return union_all(rows, select(parents.c.id, _PARENT_PLACE, _PARENT_PLACE)).cte("placed")


def _members(here: Any) -> Any:
    """The post, those of its thread, and the one that the thread is named by: each by an index."""

    def found(of: Any, *conditions: Any) -> Any:
        columns = select(of.c.id, of.c.posted_at, of.c.number)
        return columns.select_from(here).join(of, and_(of.c.project_id == here.c.project_id, *conditions))

    post, thread = _table.alias("member"), thread_of(here.c)
    itself = select(here.c.id, here.c.posted_at, here.c.number)
    first = found(post, post.c.external_id == thread)
    return union(itself, first, found(post, post.c.thread_key == thread)).cte("members")


def thread_in(rows: Sequence[Any]) -> Thread:
    """The thread in the rows that `around` finds, of which there is at least one."""
    own, total = rows[-1].own_place, rows[-1].total
    parent = next((_post(row) for row in rows if row.place == 0), None)
    posts = [row for row in rows if row.place > 0]
    lacks_parent = parent is None and rows[-1].parent_key is not None
    shown = tuple(_post(row, is_here=row.place == own) for row in posts)
    return Thread(parent, lacks_parent, shown, posts[0].place - 1, total - posts[-1].place)


def _post(row: Any, *, is_here: bool = False) -> ThreadPost:
    is_cut = len(row.text) > _LONGEST
    return ThreadPost(row.number, row.text[:_LONGEST], is_cut, row.posted_at, row.posted_at_text, is_here)

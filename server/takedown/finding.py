"""From what a lead names (ids, links, numbers, an author, a list in a file) to the posts that are meant."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from server.corpora.masking import pseudonym
from server.corpora.models import Post
from server.corpora.nameless import nameless
from server.corpora.queries import pseudonym_key
from server.db.bulk_rows import numbers_as_rows
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.web.numbers import whole_number

MAX_POSTS = 5_000
_AT_ONCE = 500
_START = 160


@dataclass(frozen=True)
class Named:
    """What a lead names. A line is the id or the link of a post, or `#` and its number in the project."""

    lines: tuple[str, ...] = ()
    author: str = ""
    with_copies: bool = False


@dataclass(frozen=True)
class FoundPost:
    """A post that is meant; `is_copy`: it is here for its text, which is that of another one."""

    id: int
    number: int
    start: str
    is_cut: bool
    is_copy: bool
    external_id: str
    author: str | None


@dataclass(frozen=True)
class Found:
    """The posts that are meant and still up, how many are down already, and the lines that name none."""

    posts: tuple[FoundPost, ...]
    n_down: int
    unknown: tuple[str, ...]


def find(db: Session, access: Access, named: Named) -> Found:
    """The posts that the lead means, by their numbers.

    Raises:
        Refusal: nothing is named, or too much at once.
    """
    if not named.lines and not named.author:
        raise Refusal(_("Name the posts, or their author."), {"posts": _("Name at least one post.")})
    if len(named.lines) > MAX_POSTS:
        raise _too_many()
    rows = {row.id: row for row in _by_lines(db, access, named.lines)}
    # A post without a link is not known by "no link", which is what a line of no nameless form becomes.
    known = {name for row in rows.values() for name in (row.external_id, row.link, f"#{row.number}") if name}
    known |= {line for line in named.lines if nameless(line) in known}
    if named.author:
        rows |= {row.id: row for row in _rows(db, access, _is_by(db, access, named.author))}
    copies = _copies(db, access, list(rows)) if named.with_copies else {}
    if len(rows) + len(copies) > MAX_POSTS:
        raise _too_many()
    up = [row for row in (*rows.values(), *copies.values()) if row.takedown_id is None]
    posts = tuple(_found(row, is_copy=row.id in copies) for row in sorted(up, key=lambda row: row.number))
    return Found(posts, len(rows) - sum(not post.is_copy for post in posts), _left(named.lines, known))


def _found(row: Any, *, is_copy: bool) -> FoundPost:
    start, is_cut = row.start[:_START], len(row.start) > _START
    return FoundPost(row.id, row.number, start, is_cut, is_copy, row.external_id, row.author)


def _too_many() -> Refusal:
    words = _("At most {limit} posts are taken down at once. Divide the list.").format(limit=MAX_POSTS)
    return Refusal(words, {"posts": words})


def _left(lines: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    return tuple(line for line in dict.fromkeys(lines) if line not in known)


def _is_by(db: Session, access: Access, author: str) -> ColumnElement[bool]:
    """Whether somebody wrote a post, whose name may be there as the project's pseudonym."""
    is_named = func.lower(col(Post.author)) == author.lower()
    key = pseudonym_key(db, access)
    return or_(is_named, col(Post.author) == pseudonym(author, key)) if key else is_named


def _rows(db: Session, access: Access, *where: ColumnElement[bool]) -> Sequence[Any]:
    columns = (Post.id, Post.number, Post.external_id, Post.author, Post.link, Post.takedown_id)
    start = func.substr(col(Post.text), 1, _START + 1).label("start")
    found = select(*(col(column) for column in columns), start)
    return db.execute(found.where(col(Post.project_id) == access.project_id, *where)).all()


def _by_lines(db: Session, access: Access, lines: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    for first in range(0, len(lines), _AT_ONCE):
        some = lines[first : first + _AT_ONCE]
        numbers = [number for line in some if line.startswith("#") if (number := whole_number(line[1:]))]
        # Under pseudonyms a link is stored without a name.
        links = {*some, *filter(None, map(nameless, some))}
        by_name = or_(
            col(Post.external_id).in_(some), col(Post.link).in_(links), col(Post.number).in_(numbers)
        )
        found += _rows(db, access, by_name)
    return found


def _copies(db: Session, access: Access, ids: Sequence[int]) -> dict[int, Any]:
    """Other posts of the same text."""
    meant = numbers_as_rows(db, np.array(ids, dtype=np.int64))
    texts = select(col(Post.text)).join(meant, meant.c.value == col(Post.id)).where(col(Post.text) != "")
    same = col(Post.text).in_(texts.correlate(None))
    return {row.id: row for row in _rows(db, access, same, col(Post.id).not_in(ids))}

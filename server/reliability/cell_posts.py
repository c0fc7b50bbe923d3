"""The posts behind a cell of the confusion table, for those who review disagreements.

A cell names two answers. Behind it are the posts to which one annotator gave the one and another the other,
without saying who gave which. Nothing of it is shown while one of the rounds is still being coded.
"""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from server.corpora.models import Post
from server.errors import Forbidden, NotFound
from server.language import gettext as _
from server.projects.access import Access
from server.projects.roles import Permission, may
from server.reliability.answers import Ints
from server.reliability.codings import Selection, category_of, codings
from server.reliability.queries import Question, RoundInfo, groups_of, rounds_of, swaying
from server.rounds.design import Purpose
from server.rounds.models import Round

PAGE = 50
_START = 200


@dataclass(frozen=True)
class Cell:
    """Two answers by their places: codes of a variable with one answer, or no and yes to the code `code`."""

    code: str
    row: int
    column: int


@dataclass(frozen=True)
class PostBehind:
    """A post: its number in the project and how its text begins."""

    number: int
    start: str
    is_cut: bool


@dataclass(frozen=True)
class Behind:
    """What stands behind a cell: the two answers in words, how many posts, and one page of them."""

    row: str
    column: str
    n_posts: int
    posts: tuple[PostBehind, ...]


def why_closed(db: Session, access: Access, rounds: tuple[RoundInfo, ...]) -> str:
    """Why the posts behind the cells are not shown to this reader; empty where they are."""
    if not may(access.role, Permission.REVIEW_DISAGREEMENTS):
        return _("Only those who review disagreements see the posts behind a cell.")
    hidden = next((one.why_no_codings for one in rounds if one.why_no_codings), "")
    if hidden:
        return hidden
    if any(one.purpose == Purpose.TRAINING for one in rounds):
        return _("Posts of a training round are compared on its own page, not here.")
    if not rounds or _n_open(db, rounds):
        return _("The posts behind a cell can be opened when all counted rounds are locked or revealed.")
    return ""


def posts_behind(
    db: Session,
    access: Access,
    question: Question,
    rounds: tuple[RoundInfo, ...],
    group: str,
    cell: Cell,
    page: int,
) -> Behind:
    """One page of the posts behind a cell, by their numbers.

    Raises:
        Forbidden: This reader may not open the cells yet.
        NotFound: There is no such cell.
    """
    why = why_closed(db, access, rounds)
    if why:
        raise Forbidden(why)
    labels, asked = _asked(question, cell)
    if not (0 <= cell.row < len(labels) and 0 <= cell.column < len(labels)):
        raise NotFound
    groups = groups_of(db, access)
    if group and group not in groups:
        raise NotFound
    members = groups[group] if group else None
    selection = Selection(access.project_id, asked, members, swaying(rounds_of(db, access)))
    found = codings(db, question, selection).first_of_each_member()
    ids = _met(found.post, category_of(question, found, cell.code), cell)
    return Behind(labels[cell.row], labels[cell.column], len(ids), _posts(db, access, ids, page))


def _n_open(db: Session, rounds: tuple[RoundInfo, ...]) -> int:
    ids = [one.id for one in rounds]
    still = (col(Round.id).in_(ids), col(Round.locked_at).is_(None), col(Round.revealed_at).is_(None))
    return db.scalar(select(func.count()).select_from(Round).where(*still)) or 0


def _asked(question: Question, cell: Cell) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The answers there are, and the rounds that offer them."""
    if question.kind in {"single", "ordinal"}:
        return tuple(code.label for code in question.codes), question.rounds
    code = next((code for code in question.codes if code.key == cell.code), None)
    if code is None or question.kind != "multiple":
        raise NotFound
    return (_("Not chosen"), _("Chosen")), question.offered[code.id]


def _met(post: Ints, category: Ints, cell: Cell) -> list[int]:
    """The ids of the posts on which the two answers met."""
    rows, columns = post[category == cell.row], post[category == cell.column]
    if cell.row == cell.column:
        ids, times = np.unique(rows, return_counts=True)
        return [int(one) for one in ids[times > 1]]
    return [int(one) for one in np.intersect1d(rows, columns)]


def _posts(db: Session, access: Access, ids: list[int], page: int) -> tuple[PostBehind, ...]:
    wanted = ids[(page - 1) * PAGE : page * PAGE]
    rows = db.execute(
        select(col(Post.number), func.substr(col(Post.text), 1, _START + 1))
        .where(col(Post.project_id) == access.project_id, col(Post.id).in_(wanted))
        .order_by(col(Post.number))
    )
    return tuple(PostBehind(number, text[:_START], len(text) > _START) for number, text in rows)

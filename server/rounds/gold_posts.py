"""Which posts with gold a round can have, so that nobody codes a post whose gold they have seen.

Posts of training rounds that show gold are in no other round that could be coded afterwards: an answer given
then would be the expert's and not one's own.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Exists, and_, exists, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from server.corpora.models import Post
from server.errors import Refusal
from server.gold.queries import has_gold
from server.language import gettext as _
from server.language import ngettext, number
from server.projects.access import Access
from server.rounds.blocks import Integers
from server.rounds.draws import Stream, shuffled
from server.rounds.models import Assignment, QueueSlot, Round
from server.rounds.plan import n_doubled


def gold_is_shown() -> ColumnElement[bool]:
    """Whether the gold of a post of the statement around it is shown in a training round, to anybody."""
    return _assigned(col(Round.shows_gold))


def training_posts(
    db: Session, access: Access, member_ids: Collection[int], size: int | None, seed: int
) -> Integers:
    """The posts with gold that none of these trainees has been shown and nobody still codes elsewhere."""
    of_them = and_(col(Round.shows_gold), col(Assignment.member_id).in_(member_ids))
    is_open = and_(~col(Round.shows_gold), col(Round.locked_at).is_(None))
    waits = (
        exists()
        .where(col(QueueSlot.post_id) == col(Post.id), col(QueueSlot.round_id) == col(Round.id), is_open)
        .correlate(Post)
    )
    is_free = and_(~_assigned(is_open), ~waits)
    found = _ids(db, access, has_gold(), ~_assigned(of_them), is_free)
    if not found.size:
        n_gold, n_free = _ids(db, access, has_gold()).size, _ids(db, access, has_gold(), is_free).size
        message = _why_none_is_left(n_gold, n_gold - n_free)
        raise Refusal(message, {"posts": message})
    if size is None:
        return found
    if size > found.size:
        message = _("The sample cannot be larger than the number of posts. There are {n}.")
        raise Refusal(said := message.format(n=number(found.size)), {"size": said})
    return found[np.sort(shuffled(found.size, seed, Stream.GOLD)[:size])]


def _why_none_is_left(n_gold: int, n_open: int) -> str:
    """What keeps each post with gold out of a training; `n_open` of them are still coded in another round."""
    if not n_gold:
        return _("No post has gold answers yet: write them first.")
    if n_open == n_gold:
        message = ngettext(
            "The only post with gold is in a round that is still open: lock that round first.",
            "All {n} posts with gold are in a round that is still open: lock that round first.",
            n_gold,
        )
    elif not n_open:
        message = ngettext(
            "The only post with gold is in an earlier training of one of these annotators: write gold "
            "answers to further posts, or choose other annotators.",
            "All {n} posts with gold are in an earlier training of one of these annotators: write gold "
            "answers to further posts, or choose other annotators.",
            n_gold,
        )
    else:
        message = _(
            "None of the {n} posts with gold is left: {open} in a round that is still open (lock that round "
            "first), {shown} in an earlier training of one of these annotators."
        )
    return message.format(n=number(n_gold), open=number(n_open), shown=number(n_gold - n_open))


def silent_posts(
    db: Session,
    access: Access,
    share: float,
    n_others: int,
    seed: int,
    conditions: Sequence[ColumnElement[bool]],
) -> Integers:
    """Posts with gold that make `share` of the posts of a round of `n_others` besides; drawn by the seed."""
    wanted = max(n_doubled(n_others, share / (1 - share)), 1)
    found = _ids(db, access, has_gold(), ~gold_is_shown(), *conditions)
    if found.size < wanted:
        message = ngettext(
            "This share needs {wanted} post with gold whose answer is shown in no training round. "
            "Found: {n}.",
            "This share needs {wanted} posts with gold whose answers are shown in no training round. "
            "Found: {n}.",
            wanted,
        )
        said = message.format(wanted=number(wanted), n=number(found.size))
        raise Refusal(said, {"gold_share": said})
    return found[shuffled(found.size, seed, Stream.GOLD)[:wanted]]


def in_order(db: Session, access: Access, post_ids: Integers) -> Integers:
    """These posts in the order of their numbers."""
    every = _ids(db, access)
    return every[np.isin(every, post_ids)]


def is_swayed_by_gold(db: Session, round_id: int) -> bool:
    """Whether the gold of a post of a round is shown in another one, so that its codings are to stay."""
    there = aliased(Assignment)
    shown = (
        select(col(there.post_id))
        .join(Round, col(Round.id) == col(there.round_id))
        .where(col(Round.shows_gold), col(Round.id) != round_id)
    )
    parts = (
        select(col(of.id)).where(col(of.round_id) == round_id, col(of.post_id).in_(shown)).limit(1)
        for of in (Assignment, QueueSlot)
    )
    return any(db.scalar(part) is not None for part in parts)


def _assigned(of_round: Any) -> Exists:
    """Whether a post of the statement around it is somebody's in such a round."""
    joined = col(Assignment.post_id) == col(Post.id), col(Assignment.round_id) == col(Round.id)
    return exists().where(*joined, of_round, col(Assignment.state) != "withdrawn").correlate(Post)


def _ids(db: Session, access: Access, *conditions: ColumnElement[bool]) -> Integers:
    of_project = col(Post.project_id) == access.project_id
    ids = db.scalars(select(col(Post.id)).where(of_project, *conditions).order_by(col(Post.number)))
    return np.fromiter(ids, dtype=np.int64)

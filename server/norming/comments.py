"""What is said about the posts of a revealed round."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.answers import Table
from server.adjudication.writing import one_at_a_time
from server.clock import now
from server.corpora.taken_down import refuse_down_by_now
from server.errors import Forbidden, NotFound, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.norming.compared import Revealed
from server.norming.models import PostComment
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.models import RoundAnnotator


@dataclass(frozen=True)
class Comment:
    """A comment as its reader may know it. `who` is empty for an annotator who has no letter at this post.

    `reviews`: it is of a reviewer, who has no part in the round. `text` is empty where it was taken back.
    """

    number: int
    who: str
    reviews: bool
    is_own: bool
    text: str
    said_at: datetime
    taken_back_at: datetime | None


def comments(db: Session, access: Access, of: Revealed, table: Table) -> tuple[Comment, ...]:
    """The comments on a post, oldest first, by names or letters as its page shows its annotators."""
    letters = {voice.member_id: voice.letter for voice in table.voices}
    coded_here = select(col(RoundAnnotator.member_id)).where(col(RoundAnnotator.round_id) == of.round.id)
    annotators = frozenset(db.scalars(coded_here))
    rows = db.execute(
        select(PostComment, col(Account.display_name))
        .join(Member, col(Member.id) == col(PostComment.member_id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(PostComment.round_id) == of.round.id, col(PostComment.post_id) == table.post.id)
        .order_by(col(PostComment.number))
    )
    found = []
    for row, name in rows:
        reviews = row.member_id not in annotators
        who = name if of.shows_names or reviews else letters.get(row.member_id, "")
        is_own = row.member_id == access.member_id
        found.append(Comment(row.number, who, reviews, is_own, row.text, row.said_at, row.taken_back_at))
    return tuple(found)


def n_comments(db: Session, of: Revealed) -> dict[int, int]:
    """Post → how many comments stand there, for the posts that have one."""
    rows = db.execute(
        select(col(PostComment.post_id), func.count().label("n"))
        .where(col(PostComment.round_id) == of.round.id, col(PostComment.taken_back_at).is_(None))
        .group_by(col(PostComment.post_id))
    )
    return {row.post_id: row.n for row in rows}


def comment(db: Session, access: Access, of: Revealed, table: Table, text: str) -> None:
    """Say something about a post. The same words sent twice are said once.

    Raises:
        Forbidden: The reader neither codes in the round nor reviews.
        Refusal: Nothing is said, or the post was taken down.
    """
    if not of.discusses:
        raise Forbidden(_("Those who coded in the round and its reviewers discuss it. You can read along."))
    said = text.strip()
    if not said:
        raise Refusal(_("Nothing was said yet."), {"text": _("Write what you want to say about the post.")})
    one_at_a_time(db, access)
    refuse_down_by_now(db, table.post.id)
    last = _last(db, of, table.post.id)
    if last is not None and _is_the_same(last, access, said):
        return
    row = PostComment(
        round_id=of.round.id,
        post_id=table.post.id,
        number=last.number + 1 if last else 1,
        member_id=access.member_id,
        text=said,
        said_at=now(),
    )
    db.add(row)
    db.flush()
    _record(db, access, of, table, "norming.comment", row.number)


def _last(db: Session, of: Revealed, post_id: int) -> Any:
    statement = select(PostComment).where(
        col(PostComment.round_id) == of.round.id, col(PostComment.post_id) == post_id
    )
    return db.scalars(statement.order_by(col(PostComment.number).desc()).limit(1)).first()


def _is_the_same(last: PostComment, access: Access, said: str) -> bool:
    return last.member_id == access.member_id and last.text == said and last.taken_back_at is None


def take_back(db: Session, access: Access, of: Revealed, table: Table, number: int) -> None:
    """Take an own comment back: that there was one stays, its words do not.

    Raises:
        NotFound: There is no such comment.
        Forbidden: Somebody else made it.
    """
    one_at_a_time(db, access)
    row = db.scalars(
        select(PostComment).where(
            col(PostComment.round_id) == of.round.id,
            col(PostComment.post_id) == table.post.id,
            col(PostComment.number) == number,
        )
    ).first()
    if row is None:
        raise NotFound
    if row.member_id != access.member_id:
        raise Forbidden(_("Only who made a comment can take it back."))
    if row.taken_back_at is None:
        row.text, row.taken_back_at = "", now()
        db.flush()
        _record(db, access, of, table, "norming.take_back_comment", number)


def _record(db: Session, access: Access, of: Revealed, table: Table, action: str, number: int) -> None:
    """Its words are no part of the history, or they could not be taken back."""
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=action,
        subject=f"round {of.round.number} post {table.post.number}",
        details={"comment": number},
    )

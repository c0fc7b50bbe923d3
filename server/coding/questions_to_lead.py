"""What annotators ask, as the lead sees it: the list, one question with its post, and the answer.

A question shows the post and never a coding of it. Like every other word of annotators it is hidden from a
lead who still codes that post.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.clock import now
from server.coding.models import PostQuestion
from server.corpora.models import Post
from server.errors import NotFound
from server.history.actions import record
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access
from server.projects.models import Member
from server.projects.overview import Notice
from server.projects.roles import Permission
from server.rounds.models import Round
from server.rounds.queries import in_none_of, swaying, visible_rounds

PAGE = 50


@dataclass(frozen=True)
class Asked:
    """A question, with the name of whoever asks: the lead has to know whom they answer."""

    key: str
    round_number: int
    round_title: str
    post_number: int
    post_text: str
    asked_by: str
    member: int
    asked: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    is_read: bool


@dataclass(frozen=True)
class Questions:
    """A page of questions: those that wait first and the oldest of them first, then the newest answers."""

    rows: tuple[Asked, ...]
    n_waiting: int
    page: int
    has_next: bool


def questions_to_lead(db: Session, access: Access, page: int) -> Questions:
    """What annotators of the project ask."""
    answered_at, seen = col(PostQuestion.answered_at), _seen_by(db, access)
    rows = db.execute(
        seen.order_by(answered_at.is_not(None), answered_at.desc(), col(PostQuestion.id))
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    ).all()
    found = tuple(Asked(*row) for row in rows[:PAGE])
    return Questions(found, _n_waiting(db, seen), page, has_next=len(rows) > PAGE)


def n_waiting(db: Session, access: Access) -> int:
    """How many questions wait for an answer of this reader's."""
    return _n_waiting(db, _seen_by(db, access))


def _n_waiting(db: Session, seen: Select[*tuple[Any, ...]]) -> int:
    waiting = seen.where(col(PostQuestion.answered_at).is_(None))
    return db.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def question_to_lead(db: Session, access: Access, key: str) -> Asked:
    """One question; `NotFound` where the reader may not see it, as if there were none."""
    row = db.execute(_seen_by(db, access).where(col(PostQuestion.key) == key)).first()
    if row is None:
        raise NotFound
    return Asked(*row)


def _seen_by(db: Session, access: Access) -> Select[*tuple[Any, ...]]:
    hidden = swaying(visible_rounds(db, access))
    return (
        select(
            col(PostQuestion.key),
            col(Round.number),
            col(Round.title),
            col(Post.number).label("post_number"),
            col(Post.text),
            col(Account.display_name),
            col(Member.number).label("member_number"),
            col(PostQuestion.asked),
            col(PostQuestion.asked_at),
            col(PostQuestion.answer),
            col(PostQuestion.answered_at),
            col(PostQuestion.seen_at).is_not(None).label("is_read"),
        )
        .join(Round, col(Round.id) == col(PostQuestion.round_id))
        .join(Post, col(Post.id) == col(PostQuestion.post_id))
        .join(Member, col(Member.id) == col(PostQuestion.member_id))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(
            col(PostQuestion.project_id) == access.project_id,
            in_none_of(hidden, col(PostQuestion.post_id)),
        )
    )


def answer(db: Session, access: Access, key: str, words: str) -> None:
    """Answer whoever asked. An answer that is changed is new to them again."""
    question = question_to_lead(db, access, key)
    row = db.scalars(select(PostQuestion).where(col(PostQuestion.key) == key).with_for_update()).one()
    if row.answer == words:
        return
    row.answer, row.answered_by, row.answered_at, row.seen_at = words, access.account_id, now(), None
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="coding.answer",
        subject=f"round {question.round_number} post {question.post_number}",
        details={"annotator": question.member},
    )


def questions_notice(db: Session, access: Access) -> tuple[Notice, ...]:
    """Tells the lead at the door of the project that annotators wait for answers."""
    waiting = n_waiting(db, access) if access.may(Permission.MANAGE_ROUNDS) else 0
    if not waiting:
        return ()
    said = ngettext(
        "A question of an annotator waits for your answer.",
        "%(count)d questions of annotators wait for your answer.",
        waiting,
    )
    return (Notice(said % {"count": waiting}, "coding.questions_to_lead", _("Read and answer")),)

"""What annotators ask the lead about posts, as they themselves see it: asking, and reading the answers.

A question belongs to whoever asked it. No other annotator ever sees it or its answer; the lead's side is
`server.coding.questions_to_lead`.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, select, update
from sqlmodel import Session, col

from server.clock import now
from server.coding.actions import refuse_closed
from server.coding.desk import Desk
from server.coding.models import PostQuestion
from server.coding.seat import Seat, seat
from server.coding.tables import assignment_table, post_table, question_table, round_table
from server.db.engine import connection_of
from server.db.prepared import Prepared
from server.errors import Refusal
from server.history.actions import record
from server.language import gettext as _
from server.language import ngettext
from server.projects.access import Access
from server.projects.overview import Notice
from server.projects.roles import Permission
from server.rounds.models import Round

MAX_WORDS = 2_000
MOST_OPEN = 20
# The field of the coding form in which a question is written.
QUESTION = "question"
_question = question_table.c


@dataclass(frozen=True)
class OwnQuestion:
    """A question as whoever asked it sees it. `is_new`: the answer was not marked as read yet."""

    asked: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    is_new: bool
    post_number: int
    position: int


_columns = (
    _question.asked,
    _question.asked_at,
    _question.answer,
    _question.answered_at,
    _question.seen_at,
    post_table.c.number,
    assignment_table.c.position,
)
_own = (
    select(*_columns)
    .join(round_table, round_table.c.id == _question.round_id)
    .join(post_table, post_table.c.id == _question.post_id)
    .join(
        assignment_table,
        and_(
            assignment_table.c.round_id == _question.round_id,
            assignment_table.c.post_id == _question.post_id,
            assignment_table.c.member_id == _question.member_id,
        ),
    )
    .where(
        round_table.c.project_id == bindparam("project_id"),
        round_table.c.number == bindparam("round_number"),
        _question.member_id == bindparam("member_id"),
    )
)
_own_in_round = Prepared(_own.order_by(_question.id.desc()))
_own_at_post = Prepared(
    _own.where(assignment_table.c.position == bindparam("position")).order_by(_question.id)
)


def own_questions(db: Session, access: Access, round_number: int) -> tuple[OwnQuestion, ...]:
    """What this member asked in a round: new answers first, then the newest questions."""
    found = _read(_own_in_round, db, access.project_id, access.member_id, round_number)
    return tuple(sorted(found, key=lambda each: not each.is_new))


def questions_about(db: Session, here: Desk) -> tuple[OwnQuestion, ...]:
    """What the annotator asked about the post before them, oldest first."""
    if not here.has_asked:
        return ()
    return _read(_own_at_post, db, here.project_id, here.member_id, here.round_number, position=here.position)


def _read(
    statement: Prepared, db: Session, project_id: int, member_id: int, round_number: int, **more: int
) -> tuple[OwnQuestion, ...]:
    values = {"project_id": project_id, "member_id": member_id, "round_number": round_number} | more
    return tuple(_own_question(row) for row in statement.all(connection_of(db), values))


def _own_question(row: Any) -> OwnQuestion:
    asked, asked_at, answer, answered_at, seen_at, post_number, position = row
    is_new = answered_at is not None and seen_at is None
    return OwnQuestion(asked, asked_at, answer, answered_at, is_new, post_number, position)


def ask(db: Session, access: Access, round_number: int, position: int, words: str) -> int:
    """Put a question to the lead about the post at `position`; returns the post's number.

    The same question twice, as from a double click, is one. Raises `Closed` or `Refusal`.
    """
    here = seat(connection_of(db), access, round_number, position)
    if _put_down(db, access, here, words):
        record_asking(db, access, round_number, here.post_number)
    return here.post_number


def ask_along(db: Session, access: Access, round_number: int, position: int, words: str) -> int | None:
    """The same with something else that is stored; where it is new, the post for `record_asking`."""
    here = seat(connection_of(db), access, round_number, position)
    return here.post_number if _put_down(db, access, here, words) else None


def _put_down(db: Session, access: Access, here: Seat, words: str) -> bool:
    """Add a question, unless it was put already; whether it is a new one."""
    _refuse_words(words)
    if _is_asked(db, access, here, words):
        return False
    refuse_closed(here)
    _add(db, access, here, words)
    return True


def _refuse_words(words: str) -> None:
    if not words:
        raise _refused(_("Write your question."))
    if len(words) > MAX_WORDS:
        raise _refused(_("This is too long: at most %(most)s characters.") % {"most": MAX_WORDS})


def _refused(message: str) -> Refusal:
    return Refusal(_("Your question was not sent yet."), {QUESTION: message})


def _is_asked(db: Session, access: Access, here: Seat, words: str) -> bool:
    """Whether this very question waits for an answer already. Too many that wait are refused."""
    waiting = db.execute(
        select(col(PostQuestion.post_id), col(PostQuestion.asked)).where(
            col(PostQuestion.round_id) == here.round_id,
            col(PostQuestion.member_id) == access.member_id,
            col(PostQuestion.answered_at).is_(None),
        )
    ).all()
    if any((post_id, asked) == (here.post_id, words) for post_id, asked in waiting):
        return True
    if len(waiting) >= MOST_OPEN:
        message = _("%(count)s questions of yours wait for an answer. Ask again when some have one.")
        raise _refused(message % {"count": len(waiting)})
    return False


def _add(db: Session, access: Access, here: Seat, words: str) -> None:
    db.add(
        PostQuestion(
            key=secrets.token_hex(6),
            project_id=access.project_id,
            round_id=here.round_id,
            post_id=here.post_id,
            member_id=access.member_id,
            asked=words,
            asked_at=now(),
        )
    )
    db.flush()


def record_asking(db: Session, access: Access, round_number: int, post_number: int) -> None:
    """Tell the history of a question, last in the transaction: from here on everybody else waits."""
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="coding.ask",
        subject=f"round {round_number} post {post_number}",
    )


def mark_read(db: Session, access: Access, round_id: int) -> None:
    """Note that this member has read all answers in a round."""
    db.execute(
        update(PostQuestion)
        .where(
            col(PostQuestion.round_id) == round_id,
            col(PostQuestion.member_id) == access.member_id,
            col(PostQuestion.answered_at).is_not(None),
            col(PostQuestion.seen_at).is_(None),
        )
        .values(seen_at=now())
    )


def answers_notices(db: Session, access: Access) -> tuple[Notice, ...]:
    """Tells a member at the door of the project that the lead answered, and in which round."""
    if not access.may(Permission.CODE):
        return ()
    rows = db.execute(
        select(col(Round.number), col(Round.title), func.count())
        .join(PostQuestion, col(PostQuestion.round_id) == col(Round.id))
        .where(
            col(PostQuestion.project_id) == access.project_id,
            col(PostQuestion.member_id) == access.member_id,
            col(PostQuestion.answered_at).is_not(None),
            col(PostQuestion.seen_at).is_(None),
        )
        .group_by(col(Round.number), col(Round.title))
        .order_by(col(Round.number))
    )
    return tuple(_answers_notice(number, title, n_new) for number, title, n_new in rows)


def _answers_notice(number: int, title: str, n_new: int) -> Notice:
    said = ngettext(
        "The lead answered your question in %(round)s.",
        "The lead answered %(count)d questions of yours in %(round)s.",
        n_new,
    )
    words = said % {"count": n_new, "round": title}
    return Notice(words, "coding.questions", _("Read the answers"), {"number": number})

"""Sending a post back to its annotators: they look at their answers again, with the note of a reviewer.

The assignment is queued again and keeps its coding, so that nothing is lost and the old answers are filled
in. What is coded anew is no longer independent, and agreement goes on reading what was given back.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.answers import Table, table_of
from server.adjudication.scope import QUEUED, SUBMITTED, Scope, not_hidden
from server.adjudication.writing import one_at_a_time
from server.clock import now
from server.coding.models import SentBack
from server.corpora.models import Post
from server.corpora.taken_down import refuse_taken_down
from server.errors import Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.counters import count
from server.rounds.models import Assignment, Round, RoundAnnotator

LISTED = 50


@dataclass(frozen=True)
class BackLine:
    """A note with which the post was sent back, to whom by their letters, and who of them still has it."""

    note: str
    by: str
    at: datetime
    letters: tuple[str, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True)
class WaitingPost:
    """A post that was sent back and is not submitted again by all."""

    number: int
    n_waiting: int


def send_back(
    db: Session, access: Access, scope: Scope, number: int, letters: Collection[str], note: str
) -> int:
    """Give the post back to the annotators with these letters, to all where none is named; to how many.

    Raises:
        Refusal: A note is missing, or one of them can code the post no more.
    """
    one_at_a_time(db, access)
    table = table_of(db, access, scope, number)
    refuse_taken_down(table.post.is_taken_down)
    if not note.strip():
        raise _refusal("note", _("Say what they shall look at: the note stands above their answers."))
    rows = _of_chosen(table, letters, _submitted(db, scope, table))
    moment = now()
    for row in rows:
        _give_back(db, access, table, row, note, moment)
    given = {row.member_id for row in rows}
    said = sorted(letter for letter, member_id in _letters(table).items() if member_id in given)
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="coding.send_back",
        subject=f"post {number}",
        details={"letters": said, "n_annotators": len(rows)},
    )
    return len(rows)


def _letters(table: Table) -> dict[str, int]:
    return {voice.letter: voice.member_id for voice in table.voices}


def _submitted(db: Session, scope: Scope, table: Table) -> list[Any]:
    """The last submitted assignment of each annotator of the post."""
    rows = db.execute(
        select(
            col(Assignment.id),
            col(Assignment.member_id),
            col(Assignment.round_id),
            col(Assignment.coding_id),
            col(Assignment.is_extra),
            col(Round.number),
            col(Round.locked_at),
            col(Round.revealed_at),
            col(Member.is_active),
            col(RoundAnnotator.is_withdrawn),
        )
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .join(Member, col(Member.id) == col(Assignment.member_id))
        .join(
            RoundAnnotator,
            (col(RoundAnnotator.round_id) == col(Round.id))
            & (col(RoundAnnotator.member_id) == col(Assignment.member_id)),
        )
        .where(
            col(Assignment.post_id) == table.post.id,
            col(Assignment.round_id).in_(scope.round_ids),
            col(Assignment.state) == SUBMITTED,
        )
        .order_by(col(Assignment.round_id))
        # Who locks a round at this moment counts what is sent back: we wait for them, or they for us.
        .with_for_update(read=True, of=Round)
    )
    return list({row.member_id: row for row in rows}.values())


def _of_chosen(table: Table, letters: Collection[str], rows: list[Any]) -> list[Any]:
    known = _letters(table)
    if not set(letters) <= set(known):
        raise _refusal("to", _("This post has no annotator with this letter. Choose one of those offered."))
    wanted = {known[letter] for letter in letters} or set(known.values())
    chosen = [row for row in rows if row.member_id in wanted]
    if not chosen:
        raise _refusal("to", _("None of them has submitted this post now, so there is nothing to send back."))
    by_id = {member_id: letter for letter, member_id in known.items()}
    for row in chosen:
        if sentence := _why_not(row, by_id[row.member_id]):
            raise _refusal("to", sentence)
    return chosen


def _why_not(row: Any, letter: str) -> str:
    if row.revealed_at is not None:
        return _(
            "Round {number} was revealed, so nobody codes in it alone any more. Decide the post here."
        ).format(number=row.number)
    if row.locked_at is not None:
        return _(
            "Round {number}, in which {letter} coded this post, is locked. A lead can open it again on the "
            "page of the round, unless a reviewer codes in it."
        ).format(number=row.number, letter=letter)
    if row.is_withdrawn or not row.is_active:
        return _("{letter} does not code in round {number} any more. Choose the others.").format(
            letter=letter, number=row.number
        )
    return ""


def _refusal(field: str, sentence: str) -> Refusal:
    return Refusal(_("Nothing was sent back yet."), {field: sentence})


def _give_back(db: Session, access: Access, table: Table, row: Any, note: str, at: datetime) -> None:
    db.add(
        SentBack(
            project_id=access.project_id,
            post_id=table.post.id,
            assignment_id=row.id,
            coding_id=row.coding_id,
            note=note,
            sent_by=access.account_id,
            sent_at=at,
        )
    )
    moved = db.connection().execute(
        update(Assignment)
        .where(
            col(Assignment.id) == row.id,
            col(Assignment.state) == SUBMITTED,
            col(Assignment.coding_id) == row.coding_id,
        )
        .values(state=QUEUED, changed_at=at)
    )
    if moved.rowcount != 1:
        raise _refusal("to", _("Somebody corrected their coding this moment. Look at the answers again."))
    count(db, row.round_id, row.member_id, n_submitted=-1)


def sent_back_of(db: Session, table: Table) -> tuple[BackLine, ...]:
    """The notes with which the post was sent back so far, oldest first."""
    by_id = {voice.member_id: voice.letter for voice in table.voices}
    rows = db.execute(
        select(
            col(SentBack.note),
            col(SentBack.sent_at),
            col(SentBack.coding_id),
            col(Account.display_name),
            col(Assignment.member_id),
            col(Assignment.state),
            col(Assignment.coding_id).label("current_id"),
        )
        .join(Assignment, col(Assignment.id) == col(SentBack.assignment_id))
        .join(Account, col(Account.id) == col(SentBack.sent_by))
        .where(col(SentBack.post_id) == table.post.id)
        .order_by(col(SentBack.id))
    )
    found: dict[tuple[str, str, Any], list[Any]] = {}
    for row in rows:
        found.setdefault((row.note, row.display_name, row.sent_at), []).append(row)
    return tuple(
        BackLine(
            *said,
            tuple(sorted(by_id[row.member_id] for row in of if row.member_id in by_id)),
            tuple(sorted(by_id[row.member_id] for row in of if row.member_id in by_id and _waits(row))),
        )
        for said, of in found.items()
    )


def _waits(row: Any) -> bool:
    return bool(row.state == QUEUED and row.current_id == row.coding_id)


def waiting_posts(db: Session, access: Access, scope: Scope) -> tuple[WaitingPost, ...]:
    """Posts that were sent back and wait for their annotators, the longest waiting first."""
    rows = db.execute(
        select(col(Post.number), col(SentBack.id))
        .join(SentBack, col(SentBack.post_id) == col(Post.id))
        .join(Assignment, col(Assignment.id) == col(SentBack.assignment_id))
        .where(
            col(SentBack.project_id) == access.project_id,
            col(Assignment.state) == QUEUED,
            col(Assignment.coding_id) == col(SentBack.coding_id),
            not_hidden(scope, col(SentBack.post_id)),
        )
        .order_by(col(SentBack.id))
        .limit(LISTED)
    )
    counts: dict[int, int] = {}
    for post_number, _id in rows:
        counts[post_number] = counts.get(post_number, 0) + 1
    return tuple(WaitingPost(*each) for each in counts.items())

"""Submitting, saving and skipping: the writes of the annotator's path, each a few indexed statements."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlmodel import Session

from server.care.pauses import BREAK
from server.clock import now
from server.codebooks.queries import Codebook
from server.coding.answers import Coded, Typed, coded
from server.coding.desk import stored_mark
from server.coding.gold import keep_what_is_shown, why_not_open
from server.coding.keymap import OwnKeys
from server.coding.opening import refuse_unopened
from server.coding.passing_over import first_shown, step_to
from server.coding.recorded import Head, line_of
from server.coding.seat import Seat, seat, text_length
from server.coding.spans import has_spans
from server.coding.stored import Revision, answers_of, revisions, spans_stored
from server.coding.tables import SKIPPED, SUBMITTED, WITHDRAWN
from server.coding.writes import (
    add_answers,
    add_coding,
    add_draft,
    add_spans,
    change_assignment,
    change_draft,
    count,
    drop_draft,
)
from server.db.engine import connection_of
from server.errors import Conflict, Refusal
from server.history.actions import record
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.rounds import queue
from server.rounds.reasons import offered, reasons
from server.rounds.round_codebook import codebook_of
from server.rounds.skipping import stored_reason
from server.rounds.slots import QUEUED

MAX_DRAFT = 200_000
_as_json = json.JSONEncoder(sort_keys=True).encode


class Stale(Conflict):
    """The coding was submitted from elsewhere since this form was made: both are kept and shown."""


class Closed(Conflict):
    """Nothing can be submitted here any more: the round is locked, or the post was taken back."""


class OtherCodebook(Conflict):
    """The form was made from another version of the codebook than the round's."""


@dataclass(frozen=True)
class Sent:
    """A coding form as it came: its own token, what it was made from, and what was typed."""

    form_token: str
    revision: int
    codebook_number: int
    typed: Typed

    @property
    def body_hash(self) -> str:
        """The same for two forms that say the same."""
        said = {name: values for name, values in self.typed.items() if name != "form_token"}
        return hashlib.sha256(_as_json(said).encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What became of a form. `revision` is 0 where nothing had changed, so that nothing was stored.

    `following` is the next position in the queue, None where nothing is there for the annotator now; where
    `shows_gold`, the gold answers come first.
    """

    post_number: int
    revision: int
    following: int | None
    shows_gold: bool


@dataclass(frozen=True)
class _New:
    """A revision that was just stored."""

    id: int
    revision: int
    at: datetime
    reason: str
    book: Codebook
    value: Coded


def submit(db: Session, access: Access, round_number: int, position: int, sent: Sent) -> Outcome:
    """Store a coding, or a correction of one.

    The same form sent twice is stored once, and a correction that changes nothing is not stored.
    Raises `Closed`, `OtherCodebook`, `Stale` or `Refusal`.
    """
    connection = connection_of(db)
    here = seat(connection, access, round_number, position)
    stored = revisions(connection, here)
    revision, new = _stored_as(here, stored, sent), None
    if revision is None:
        book = codebook_of(db, here.round_id, here.version_id)
        value = _checked(db, here, book, stored, sent)
        if not _is_unchanged(connection, here, stored, value):
            new = _store(connection, here, sent, book, value, _current(stored) + 1)
        revision = new.revision if new else 0
        if here.has_draft:
            drop_draft.send(connection, {"b_id": here.assignment_id})
    following = _following(db, access, round_number, here)
    if new:
        _record_submission(db, access, round_number, here, new)
    return Outcome(here.post_number, revision, following, here.shows_gold)


def _following(db: Session, access: Access, round_number: int, here: Seat) -> int | None:
    """Where the annotator goes on. In a shared queue this takes a post, unless they only corrected one."""
    if here.queue is None:
        position = here.following
    elif here.state == SUBMITTED or here.is_locked:
        return queue.held_position(connection_of(db), here.queue)
    else:
        position = queue.take(connection_of(db), here.queue)
    return position if here.is_locked else first_shown(db, access, round_number, here, position)


def take(db: Session, access: Access, round_number: int) -> int | None:
    """Take a post of a round's shared queue, or the one that is taken; returns its position.

    None where there is none now, or where the round is locked.
    """
    place = queue.held_place_in(db, access, round_number)
    position = None if place is None else queue.take(connection_of(db), place)
    return None if position is None else step_to(db, access, round_number, position)


def _checked(db: Session, here: Seat, book: Codebook, stored: tuple[Revision, ...], sent: Sent) -> Coded:
    """The coding that was sent, where one can be stored now."""
    refuse_closed(here)
    if sent.codebook_number != book.number:
        raise OtherCodebook(
            _(
                "This form was made from codebook %(sent)s, and the round uses codebook %(used)s. "
                "Nothing was submitted: look over your answers and submit them again."
            )
            % {"sent": sent.codebook_number, "used": book.number}
        )
    if sent.revision != _current(stored):
        raise _stale()
    refuse_unopened(sent.typed)
    length = text_length(connection_of(db), here) if has_spans(sent.typed) else 0
    return coded(book, sent.typed, length)


def _is_unchanged(connection: Connection, here: Seat, stored: tuple[Revision, ...], value: Coded) -> bool:
    """Whether what was sent is what stands. Asks the database for a correction only.

    Who was sent a coding back may stand by it, which is a submission of its own.
    """
    if not stored or here.coding_id is None or here.state == QUEUED:
        return False
    if (stored[-1].memo, stored[-1].is_unsure) != (value.memo, value.is_unsure):
        return False
    if set(answers_of(connection, here.coding_id)) != set(value.answers):
        return False
    return spans_stored(connection, here.coding_id) == value.spans


def _stale() -> Stale:
    return Stale(
        _("This post was submitted from another page in the meantime. Nothing was lost: choose what stands.")
    )


def _current(stored: tuple[Revision, ...]) -> int:
    return stored[-1].revision if stored else 0


def _bound_token(here: Seat, sent: Sent) -> str:
    """The token as it is stored: bound to its assignment, so that it means nothing elsewhere."""
    if not sent.form_token:
        raise Refusal(_("The form came without its token. Reload the page and try again."))
    return f"{here.assignment_id}-{sent.form_token}"


def _stored_as(here: Seat, stored: tuple[Revision, ...], sent: Sent) -> int | None:
    """The revision that this very form has become, where it was sent before."""
    token = _bound_token(here, sent)
    earlier = next((revision for revision in stored if revision.form_token == token), None)
    if earlier is not None and earlier.body_hash != sent.body_hash:
        raise _stale()
    return earlier.revision if earlier else None


def refuse_closed(here: Seat) -> None:
    """Raise `Closed` where this annotator can change nothing about the post any more."""
    if here.is_locked:
        raise Closed(_("The round is locked, so nothing can be submitted any more. Ask the lead to open it."))
    if here.is_taken_down:
        raise Closed(_("This post was taken down. Go on with the next one."))
    if here.state == WITHDRAWN:
        raise Closed(_("This post was taken back from you. Go on with the next one."))
    if why_not := why_not_open(here):
        raise Closed(why_not)


def _store(
    connection: Connection, here: Seat, sent: Sent, book: Codebook, value: Coded, revision: int
) -> _New:
    moment, reason = now(), value.reason if revision > 1 else ""
    added = add_coding.first(
        connection,
        {
            "assignment_id": here.assignment_id,
            "revision": revision,
            "version_id": here.version_id,
            "submitted_at": moment,
            "memo": value.memo,
            "reason": reason,
            "is_unsure": value.is_unsure,
            "form_token": _bound_token(here, sent),
            "body_hash": sent.body_hash,
        },
    )
    rows = [{"coding_id": added.id, **vars(answer)} for answer in value.answers]
    add_answers.send(connection, *rows)
    if value.spans:
        passages = [{"coding_id": added.id, **vars(span)} for span in sorted(value.spans)]
        add_spans.send(connection, *passages)
    is_wanted = _is_wanted(connection, here)
    _move(connection, here, SUBMITTED, coding_id=added.id, is_extra=not is_wanted)
    if here.shows_gold:
        keep_what_is_shown(connection, here)
    return _New(added.id, revision, moment, reason, book, value)


def _is_wanted(connection: Connection, here: Seat) -> bool:
    """Whether the round wants this coding: with a plan every one, a shared queue so many of each post."""
    if here.queue is None or here.coding_id is not None:
        return True
    return queue.finish(connection, here.queue, here.post_id)


def _move(
    connection: Connection,
    here: Seat,
    state: str,
    *,
    coding_id: int | None,
    reason: str | None = None,
    is_extra: bool = False,
) -> None:
    """Bring the assignment into a state and count it there; `Stale` where somebody was faster."""
    moment = now()
    changed = change_assignment.run(
        connection,
        {
            "b_id": here.assignment_id,
            "b_seen": here.coding_id,
            "b_state": state,
            "b_reason": reason,
            "b_coding": coding_id,
            "b_at": moment,
            "b_extra": is_extra,
        },
    )
    if changed != 1:
        raise _stale()
    if state != here.state:
        count.send(
            connection,
            {
                "b_id": here.counter_id,
                "b_submitted": (state == SUBMITTED) - (here.state == SUBMITTED),
                "b_skipped": (state == SKIPPED) - (here.state == SKIPPED),
                "b_extra": int(is_extra),
                "b_at": moment,
                "b_break": moment - BREAK,
            },
        )


def _record_submission(db: Session, access: Access, round_number: int, here: Seat, new: _New) -> None:
    head = Head(
        new.id,
        here.post_number,
        access.account_id,
        round_number,
        new.revision,
        new.book.number,
        new.at,
        new.value.is_unsure,
        new.value.memo,
        new.reason,
    )
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="coding.submit" if new.revision == 1 else "coding.correct",
        subject=f"round {round_number} post {here.post_number}",
        details={"revision": new.revision},
        contents=[line_of(head, new.book, new.value)],
    )


def save_draft(db: Session, access: Access, round_number: int, position: int, sent: Sent) -> str:
    """Keep what is typed so far; returns the mark of what is stored then.

    `Stale` where the form is older than what was submitted since.
    """
    connection = connection_of(db)
    here = seat(connection, access, round_number, position)
    refuse_closed(here)
    if sent.revision != _current(revisions(connection, here)):
        raise _stale()
    typed = {name: list(values) for name, values in sent.typed.items() if name != "form_token"}
    if len(json.dumps(typed, ensure_ascii=False)) > MAX_DRAFT:
        raise Refusal(_("This is too much text to keep as a draft. Shorten it."))
    moment = now()
    values = {"b_id": here.assignment_id, "b_typed": typed, "b_at": moment}
    if change_draft.run(connection, values) == 0:
        row = {"assignment_id": here.assignment_id, "typed": typed, "saved_at": moment}
        add_draft.run(connection, row)
    if here.queue is not None and here.state == QUEUED:
        queue.renew(connection, here.queue, here.post_id)
    return stored_mark(sent.revision, moment)


def discard_draft(db: Session, access: Access, round_number: int, position: int) -> int:
    """Forget what was typed and not submitted; returns the post's number."""
    connection = connection_of(db)
    here = seat(connection, access, round_number, position)
    if here.has_draft:
        drop_draft.send(connection, {"b_id": here.assignment_id})
    return here.post_number


def skip(
    db: Session, access: Access, round_number: int, position: int, reason: str, words: str
) -> int | None:
    """Leave a post uncoded and say why; returns the next position, None where nothing is there now."""
    kept = stored_reason(offered(reasons(db, access.project_id)), reason, words)
    connection = connection_of(db)
    here = seat(connection, access, round_number, position)
    refuse_closed(here)
    if here.state == SUBMITTED:
        raise Refusal(_("You have coded this post already. Correct the coding instead of skipping it."))
    if here.skip_reason != kept:  # A double click skips once.
        _move(connection, here, SKIPPED, coding_id=here.coding_id, reason=kept)
        if here.queue is not None:
            queue.give_back(connection, here.queue, here.post_id)
    following = _following(db, access, round_number, here)
    if here.skip_reason != kept:
        _record_skip(db, access, round_number, here, reason)
    return following


def _record_skip(db: Session, access: Access, round_number: int, here: Seat, reason: str) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action="coding.skip",
        subject=f"round {round_number} post {here.post_number}",
        details={"reason": reason},
    )


def keep_keys(db: Session, access: Access, own: OwnKeys) -> None:
    """Make these the member's own keys. A preference and no work on the study: the history leaves it out."""
    stored = None if own.is_usual else {"keys": dict(own.keys), "off": own.is_off}
    db.get_one(Member, access.member_id).keys = stored
    db.flush()

"""Deciding, withdrawing, and looking up names: what a reviewer does to one post."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, select
from sqlmodel import Session, col

from server.adjudication.answers import Question, Table, table_of
from server.adjudication.deciding import Change, changes, from_to, refuse_half
from server.adjudication.filters import Person
from server.adjudication.meetings import Held, keep_present
from server.adjudication.problems import add
from server.adjudication.recorded import last_decision, lines_since
from server.adjudication.scope import Scope
from server.adjudication.second_decisions import apart_on, is_first, write_second
from server.adjudication.settings import refuse_silent_withdrawal, refuse_without_reason, settings_of
from server.adjudication.standing import (
    ADJUDICATED,
    CONSENSUS,
    WITHDRAWN,
    past_of,
    reason_kept,
    standings,
    token,
)
from server.adjudication.writing import Ruling, one_at_a_time, write
from server.clock import now
from server.coding.answers import Typed
from server.corpora.taken_down import refuse_taken_down
from server.errors import Conflict, NotFound, Refusal
from server.history.actions import record
from server.history.contents import told_line
from server.history.models import HistoryEvent
from server.language import gettext as _
from server.projects.access import Access

# Who goes on looking at the same pair within this time is written down once.
A_SITTING = timedelta(hours=12)


class Overtaken(Conflict):
    """A question was decided from elsewhere since the form was made: both answers are kept and shown."""


@dataclass(frozen=True)
class Sent:
    """A decision form as it came. `seen`: variable key → the token of the decision it was made from."""

    typed: Typed
    seen: Mapping[str, str]
    reason: str
    is_codebook_unclear: bool
    basis: str = ADJUDICATED
    meeting: Held | None = None


def decide(db: Session, access: Access, scope: Scope, number: int, sent: Sent) -> tuple[Change, ...]:
    """Decide what the form answers otherwise than it stands; returns what that changed.

    The same form sent twice is stored once.

    Raises:
        Refusal: An answer cannot be taken, or nothing is decided.
        Overtaken: What the form was made from stands no more.
    """
    one_at_a_time(db, access)
    table = table_of(db, access, scope, number)
    refuse_taken_down(table.post.is_taken_down)
    found = changes(table, sent.typed)
    _refuse_overtaken(access, found, sent)
    if not found:
        return _nothing_new(access, table, sent)
    if table.is_owed:
        refuse_half(table, found)
    refuse_without_reason(settings_of(db, access.project_id), found, sent.reason)
    last = last_decision(db, access)
    rule(db, access, scope, table, found, sent)
    if sent.is_codebook_unclear:
        add(db, access, table.post.id, [(change.question.variable.id, None) for change in found], sent.reason)
    details: dict[str, object] = {"is_second": True} if table.is_owed else {}
    if sent.meeting:
        details |= {"meeting": sent.meeting.number, "present": list(sent.meeting.members)}
    _record_change(db, access, "decide", number, details, _told(found, sent), last)
    return found


def rule(
    db: Session, access: Access, scope: Scope, table: Table, found: tuple[Change, ...], sent: Sent
) -> None:
    """Write the decisions. Where two adjudicators differed, what settles it is a consensus."""
    at, reason = now(), reason_kept(sent.reason, is_codebook_unclear=sent.is_codebook_unclear)
    stands = standings(past_of(db, table.post.id, scope.read_as)) if table.is_owed else {}
    apart = apart_on(db, table.post.id)
    for change in found:
        key = change.question.variable.id
        basis = CONSENSUS if key in apart else sent.basis
        standing = stands.get(key, change.question.standing)
        ruling = Ruling(basis, change.answers, reason, at)
        if table.is_owed and standing.in_force and is_first(standing):
            write_second(db, access, table.post.id, standing.in_force, ruling)
        else:
            decision_id = write(db, access, table.post.id, standing, ruling)
            if sent.meeting:
                keep_present(db, decision_id, sent.meeting)


def _refuse_overtaken(access: Access, found: tuple[Change, ...], sent: Sent) -> None:
    if any(not _was_seen(access, change.question, sent) for change in found):
        raise Overtaken(
            _("Somebody decided this post in the meantime. Nothing was lost: choose what shall stand.")
        )


def _was_seen(access: Access, question: Question, sent: Sent) -> bool:
    return sent.seen.get(question.variable.key) == token(access, question.standing)


def _nothing_new(access: Access, table: Table, sent: Sent) -> tuple[Change, ...]:
    """A form that came a second time finds its own answers standing; any other has nothing to decide."""
    if any(question.settled and not _was_seen(access, question, sent) for question in table.questions):
        return ()
    if any(question.settled for question in table.questions):
        raise Refusal(_("These answers stand already, so there was nothing to decide. Change one first."))
    raise Refusal(_("Nothing was decided yet. Answer at least one question."))


def _told(found: tuple[Change, ...], sent: Sent) -> dict[str, object]:
    """What readers of the history are told, as long as what was decided about the post is kept."""
    told: dict[str, object] = {
        "decided": {change.question.variable.key: _from_to(change.question, change) for change in found},
        "reason": sent.reason,
    }
    return told | ({"codebook_unclear": True} if sent.is_codebook_unclear else {})


def _from_to(question: Question, change: Change | None) -> Mapping[str, object]:
    standing = question.standing.in_force
    return from_to(
        standing.answers if standing else None, change.answers if change else None, question.variable
    )


def withdraw(
    db: Session, access: Access, scope: Scope, number: int, variable_key: str, seen: str, reason: str
) -> None:
    """Take the standing decision on a variable back, so that it is open again.

    Raises:
        Refusal: Nothing is decided about the variable.
        Overtaken: Another decision stands by now.
    """
    one_at_a_time(db, access)
    table = table_of(db, access, scope, number)
    refuse_taken_down(table.post.is_taken_down)
    question = next((each for each in table.questions if each.variable.key == variable_key), None)
    if question is None:
        raise NotFound
    if seen != token(access, question.standing):
        raise Overtaken(
            _("Somebody decided this post in the meantime. Look at it again; nothing was changed.")
        )
    if question.standing.in_force is None:
        raise Refusal(_("Nothing is decided here, so there is nothing to withdraw."))
    refuse_silent_withdrawal(settings_of(db, access.project_id), reason)
    last = last_decision(db, access)
    write(db, access, table.post.id, question.standing, Ruling(WITHDRAWN, frozenset(), reason, now()))
    told = {"withdrawn": {variable_key: _from_to(question, None)}, "reason": reason}
    _record_change(db, access, "withdraw", number, {}, told, last)


def show_names(db: Session, access: Access, scope: Scope, number: int) -> None:
    """Write down that this reviewer looks at the names of the annotators of a post."""
    table = table_of(db, access, scope, number)
    _record(db, access, "show_names", number, {"n_annotators": len(table.voices)})


def show_models(db: Session, access: Access, scope: Scope, number: int) -> None:
    """Write down that this reviewer looks at what the models believe of a post, which may sway them."""
    table = table_of(db, access, scope, number)
    _record(db, access, "show_models", number, {"questions": [each.variable.key for each in table.disputed]})


def note_pair(db: Session, access: Access, pair: tuple[Person, ...]) -> None:
    """Write down that this reviewer opens posts on which two named annotators differ."""
    _record_on(db, access, "compare_pair", _subject(pair), {})


def is_pair_noted(db: Session, access: Access, pair: tuple[Person, ...]) -> bool:
    """Whether the history says so already, of the same hours of looking."""
    noted = exists().where(
        col(HistoryEvent.chain) == access.project_id,
        col(HistoryEvent.actor_id) == access.account_id,
        col(HistoryEvent.action) == "adjudication.compare_pair",
        col(HistoryEvent.subject) == _subject(pair),
        col(HistoryEvent.at) > now() - A_SITTING,
    )
    return bool(db.scalar(select(noted)))


def _subject(pair: tuple[Person, ...]) -> str:
    return "members " + ", ".join(str(each.number) for each in pair)


def _record_change(
    db: Session,
    access: Access,
    verb: str,
    number: int,
    details: Mapping[str, object],
    told: Mapping[str, object],
    last: int,
) -> None:
    contents = [told_line(number, told), *lines_since(db, access, last)]
    _record_on(db, access, verb, f"post {number}", details, contents)


def _record(db: Session, access: Access, verb: str, number: int, details: Mapping[str, object]) -> None:
    _record_on(db, access, verb, f"post {number}", details)


def _record_on(
    db: Session,
    access: Access,
    verb: str,
    subject: str,
    details: Mapping[str, object],
    contents: Sequence[str] = (),
) -> None:
    record(
        db,
        project_id=access.project_id,
        actor_id=access.account_id,
        action=f"adjudication.{verb}",
        subject=subject,
        details=details,
        contents=contents,
    )

"""The shared screen of a meeting: one post, what the letters answered, and what is agreed on together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from server.adjudication.actions import Sent, decide
from server.adjudication.answers import PostShown, Table, table_of
from server.adjudication.deciding import Change
from server.adjudication.decision_questions import Asked, asked, settled_typed, words
from server.adjudication.filters import Filters
from server.adjudication.meetings import Held, MeetingLine, meetings, owed_by_present
from server.adjudication.queries import Queue, number_of, selected
from server.adjudication.queue_screen import Counts, counts
from server.adjudication.scope import Scope, scope_of
from server.adjudication.settings import Settings, settings_of
from server.adjudication.standing import CONSENSUS
from server.coding.answers import Typed
from server.errors import Forbidden
from server.language import gettext as _
from server.projects.access import Access
from server.projects.queries import members
from server.rounds.queries import Sight
from server.web.forms import Form

_EVERYTHING = Filters(share="all")


@dataclass(frozen=True)
class MeetingsPage:
    """Who can be chosen as present, and the meetings so far."""

    form: Form[Any]
    members: tuple[tuple[int, str], ...]
    meetings: tuple[MeetingLine, ...]
    counts: Counts
    hidden: tuple[Sight, ...]


@dataclass(frozen=True)
class MeetingPostPage:
    """One post on the shared screen. `settled`: questions and what is decided on them."""

    meeting: int
    post: PostShown
    counts: Counts
    next: int | None
    open: tuple[Asked, ...]
    settled: tuple[tuple[str, str], ...]
    settings: Settings
    form: Form[Any]


def meetings_page(db: Session, access: Access, form: Form[Any]) -> MeetingsPage:
    """The page on which a meeting begins."""
    scope = scope_of(db, access)
    found = selected(db, access, scope, _EVERYTHING)
    people = tuple((row.number, row.display_name) for row in members(db, access) if row.is_active)
    return MeetingsPage(form, people, meetings(db, access), counts(found.queue), scope.hidden)


def next_post(db: Session, access: Access, meeting: Held, after: int | None = None) -> int | None:
    """The number of the next open post; of the first where none comes before."""
    queue = _queue(db, access, scope_of(db, access), meeting)
    if after is None:
        return number_of(db, access, queue.open[0].post_id) if queue.open else None
    return number_of(db, access, queue.next_open(after))


def _queue(db: Session, access: Access, scope: Scope, meeting: Held) -> Queue:
    queue = selected(db, access, scope, _EVERYTHING).queue
    hidden = owed_by_present(db, access, meeting)
    left = tuple(each for each in queue.disputes if each.post_id not in hidden)
    return Queue(queue.state, left, queue.decided)


def meeting_post_page(
    db: Session, access: Access, meeting: Held, number: int, form: Form[Any]
) -> MeetingPostPage:
    """One post on the shared screen.

    Raises:
        Forbidden: Somebody present has still to decide it alone.
    """
    scope = scope_of(db, access)
    table = _table(db, access, scope, meeting, number)
    queue = _queue(db, access, scope, meeting)
    disputed, _agreed = asked(access, scope, table)
    settled = [each for each in table.disputed if each.settled]
    return MeetingPostPage(
        meeting.number,
        table.post,
        counts(queue),
        number_of(db, access, queue.next_open(table.post.id)),
        tuple(each for each in disputed if not each.is_settled),
        tuple(
            (each.variable.label, ", ".join(words(each.settled.answers, each.variable)))
            for each in settled
            if each.settled
        ),
        settings_of(db, access.project_id),
        form,
    )


def _table(db: Session, access: Access, scope: Scope, meeting: Held, number: int) -> Table:
    table = table_of(db, access, scope, number)
    if table.post.id in owed_by_present(db, access, meeting):
        raise Forbidden(
            _("Somebody present has still to decide this post alone. Until then, a meeting leaves it out.")
        )
    return table


def agree(
    db: Session, access: Access, meeting: Held, number: int, typed: Typed, stands: Mapping[str, str], why: str
) -> tuple[Change, ...]:
    """Record the consensus on what the form answers; `Refusal` where it cannot be taken."""
    scope = scope_of(db, access)
    table = _table(db, access, scope, meeting, number)
    whole = {**settled_typed(table), **typed}
    sent = Sent(whole, stands, why, is_codebook_unclear=False, basis=CONSENSUS, meeting=meeting)
    return decide(db, access, scope, number, sent)


def is_open(db: Session, access: Access, number: int) -> bool:
    """Whether something in dispute is left to decide on a post."""
    table = table_of(db, access, scope_of(db, access), number)
    return any(each.settled is None for each in table.disputed)

"""Reading the history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, func, or_, select, union
from sqlmodel import Session, col

from server.history.checking import Checked, Head, Link, check
from server.history.contents import NO_POST, read, told
from server.history.models import HistoryEvent, HistoryHead

# An event of an import holds the rows of some thousand codings: so few are in memory at the same time.
EVENTS_AT_ONCE = 20
_A_PAGEFUL = 20_000
# What is longer holds the rows of many posts, and tells a reader nothing, unless it is about no post.
_tells = or_(
    func.length(col(HistoryEvent.contents)) <= _A_PAGEFUL,
    col(HistoryEvent.contents).startswith(f"{NO_POST} "),
)


@dataclass(frozen=True)
class Event:
    """One change, as it was recorded. `is_erased`: some of what it told went with a post."""

    sequence: int
    at: datetime
    actor_id: int | None
    action: str
    subject: str
    details: Mapping[str, Any]
    is_erased: bool = False


@dataclass(frozen=True)
class Stored:
    """One change as the database holds it, with what ties it to the one before."""

    sequence: int
    at: datetime
    actor_id: int | None
    action: str
    subject: str
    details: str
    contents: str | None
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Wanted:
    """Which events to read: those for which everything holds that is given.

    Of a person or of the shell; of some actions; about one round; from a moment until before another; with
    `words` in their subject, whatever the case; before a sequence.
    """

    actor_id: int | None = None
    by_shell: bool = False
    actions: tuple[str, ...] = ()
    round: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    before: int | None = None


def events(db: Session, chain: int, wanted: Wanted, limit: int) -> tuple[Event, ...]:
    """At most `limit` events of a chain, newest first."""
    columns = (
        col(HistoryEvent.sequence),
        col(HistoryEvent.at),
        col(HistoryEvent.actor_id),
        col(HistoryEvent.action),
        col(HistoryEvent.subject),
        col(HistoryEvent.details),
        case((_tells, col(HistoryEvent.contents))),
    )
    statement = select(*columns).where(col(HistoryEvent.chain) == chain, *_conditions(wanted))
    rows = db.execute(statement.order_by(col(HistoryEvent.sequence).desc()).limit(limit))
    return tuple(_event(*row) for row in rows)


def _event(
    sequence: int, at: datetime, actor: int | None, action: str, subject: str, details: str, held: str | None
) -> Event:
    is_erased = any(each.said is None for each in read(held))
    return Event(sequence, at, actor, action, subject, told(details, held), is_erased)


def stored_events(db: Session, chain: int, wanted: Wanted) -> Iterator[Stored]:
    """Every event of a chain that is wanted, oldest first, read some at a time."""
    statement = (
        select(*(col(getattr(HistoryEvent, each.name)) for each in fields(Stored)))
        .where(col(HistoryEvent.chain) == chain, *_conditions(wanted))
        .order_by(col(HistoryEvent.sequence))
    )
    with db.execute(statement.execution_options(yield_per=EVENTS_AT_ONCE)) as rows:
        yield from (Stored(*row) for row in rows)


def actor_ids(chain: int) -> Select[int | None]:
    """Whoever did something in a chain, to be looked up in another statement."""
    return select(col(HistoryEvent.actor_id)).where(col(HistoryEvent.chain) == chain).distinct()


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.by_shell:
        yield col(HistoryEvent.actor_id).is_(None)
    elif wanted.actor_id is not None:
        yield col(HistoryEvent.actor_id) == wanted.actor_id
    if wanted.actions:
        yield col(HistoryEvent.action).in_(wanted.actions)
    if wanted.before is not None:
        yield col(HistoryEvent.sequence) < wanted.before
    yield from _of_subject(wanted)
    if wanted.since is not None:
        yield col(HistoryEvent.at) >= wanted.since
    if wanted.until is not None:
        yield col(HistoryEvent.at) < wanted.until


def _of_subject(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    subject = col(HistoryEvent.subject)
    if wanted.round is not None:
        yield or_(subject == f"round {wanted.round}", subject.startswith(f"round {wanted.round} "))
    if wanted.words:
        yield subject.icontains(wanted.words, autoescape=True)


def actions_done(db: Session, chain: int) -> tuple[str, ...]:
    """Every kind of action that a chain has, in alphabetical order."""
    statement = select(col(HistoryEvent.action)).where(col(HistoryEvent.chain) == chain)
    return tuple(sorted(db.scalars(statement.distinct())))


def chains(db: Session) -> tuple[int, ...]:
    """Every chain there is, or of which a head is left."""
    found = union(select(col(HistoryEvent.chain)), select(col(HistoryHead.chain)))
    return tuple(sorted(db.scalars(found)))


def check_chain(db: Session, chain: int) -> Checked:
    """Whether a chain is whole, read a batch at a time in one state of the database."""
    found = db.execute(
        select(col(HistoryHead.sequence), col(HistoryHead.hash)).where(col(HistoryHead.chain) == chain)
    ).first()
    return check(chain, _links(db, chain), Head(*found) if found else None)


def _links(db: Session, chain: int) -> Iterator[Link]:
    """Every link, oldest first. A moment comes as text: what somebody wrote over it may be none."""
    statement = (
        select(
            col(HistoryEvent.sequence),
            cast(col(HistoryEvent.at), String),
            col(HistoryEvent.actor_id),
            col(HistoryEvent.action),
            col(HistoryEvent.subject),
            col(HistoryEvent.details),
            col(HistoryEvent.contents),
            col(HistoryEvent.previous_hash),
            col(HistoryEvent.hash),
        )
        .where(col(HistoryEvent.chain) == chain)
        .order_by(col(HistoryEvent.sequence))
    )
    with db.execute(statement.execution_options(yield_per=EVENTS_AT_ONCE)) as rows:
        yield from (Link(*row) for row in rows)

"""A project's history in words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from server.accounts.models import Account
from server.history.details import detail_words, subject_words
from server.history.queries import Event, Wanted, actions_done, actor_ids, events
from server.history.words import action_words, area_of, area_words, tells_answers
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member

EVENTS_A_PAGE = 50
# Details that name members by their numbers.
_OF_MEMBERS = frozenset({"adjudicators", "annotator", "given_to", "languages", "present", "quotas"})


@dataclass(frozen=True)
class EventRow:
    """One change in words."""

    sequence: int
    at: datetime
    person: str
    action: str
    subject: str
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class History:
    """One page of a project's history; `older` is where the next page begins."""

    events: tuple[EventRow, ...]
    older: int | None


@dataclass(frozen=True)
class Area:
    """A part of the study with what was done in it, each action with its words."""

    key: str
    words: str
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class People:
    """Who is who: by account, and by the number of a member."""

    by_account: Mapping[int, str]
    by_number: Mapping[int, str]

    def actor(self, account_id: int | None) -> str:
        """Who did something."""
        return _("the server's shell") if account_id is None else self.by_account[account_id]


def history(db: Session, access: Access, wanted: Wanted, *, is_blind: bool = False) -> History:
    """One page of the project's history, newest first.

    Who reads it while they code themselves (`is_blind`) is not told what others answered or decided.
    """
    found = events(db, access.project_id, wanted, EVENTS_A_PAGE + 1)
    shown = found[:EVENTS_A_PAGE]
    people = people_of(db, access, shown)
    rows = tuple(
        EventRow(
            event.sequence,
            event.at,
            people.actor(event.actor_id),
            action_words(event.action),
            _subject(event.subject, people),
            () if is_blind and tells_answers(event.action) else _details(event, people),
        )
        for event in shown
    )
    return History(rows, shown[-1].sequence if len(found) > len(shown) else None)


def people_of(db: Session, access: Access, shown: tuple[Event, ...]) -> People:
    """The members, and whoever else did something of what is shown."""
    actors = {event.actor_id for event in shown if event.actor_id is not None}
    accounts = select(col(Account.id), col(Account.display_name)).where(col(Account.id).in_(actors))
    members = (
        select(col(Member.number), col(Account.display_name))
        .join(Account, col(Account.id) == col(Member.account_id))
        .where(col(Member.project_id) == access.project_id)
    )
    return People(
        {row.id: row.display_name for row in db.execute(accounts)},
        {row.number: row.display_name for row in db.execute(members)},
    )


def _subject(subject: str, people: People) -> str:
    """To what it was done; a member is named, too."""
    number = re.fullmatch(r"member (\d{1,9})", subject)
    name = people.by_number.get(int(number[1]), "") if number else ""
    return f"{subject_words(subject)}, {name}" if name else subject_words(subject)


def _details(event: Event, people: People) -> tuple[tuple[str, str], ...]:
    told = detail_words(named(event.details, people.by_number))
    return (*told, (_("what was said"), _("removed with the post"))) if event.is_erased else told


def named(details: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """What an event says, with names instead of the numbers of members."""
    return {key: _name(value, names) if key in _OF_MEMBERS else value for key, value in details.items()}


def _name(value: Any, names: Mapping[int, str]) -> Any:
    if isinstance(value, list):
        return [_name(each, names) for each in value]
    if isinstance(value, dict):
        if set(value) == {"before", "after"}:
            return {end: _name(each, names) for end, each in value.items()}
        return {_name(int(number), names) if number.isdecimal() else number: n for number, n in value.items()}
    return names.get(value, value) if isinstance(value, int) else value


def areas(db: Session, access: Access) -> tuple[Area, ...]:
    """What was done in the project, by the parts of the study."""
    done = actions_done(db, access.project_id)
    keys = sorted({area_of(action) for action in done})
    return tuple(
        Area(
            key,
            area_words(key),
            tuple((action, action_words(action)) for action in done if area_of(action) == key),
        )
        for key in keys
    )


def actors_of(db: Session, access: Access) -> Mapping[int | None, tuple[int | None, str]]:
    """Whoever did something in the project, by account: the number of the member, if any, and the name."""
    statement = (
        select(col(Account.id), col(Member.number), col(Account.display_name))
        .outerjoin(
            Member,
            and_(col(Member.account_id) == col(Account.id), col(Member.project_id) == access.project_id),
        )
        .where(
            or_(col(Member.id).is_not(None), col(Account.id).in_(actor_ids(access.project_id))),
        )
    )
    return {row.id: (row.number, row.display_name) for row in db.execute(statement)}

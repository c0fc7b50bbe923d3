"""Which events of the history somebody asks for: from what stands in an address to what is looked up."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session
from starlette.datastructures import FormData, QueryParams

from server.errors import Refusal
from server.history.details import subject_of_words
from server.history.queries import Wanted
from server.language import gettext as _
from server.projects.access import Access
from server.projects.forms import HistoryQuery
from server.projects.queries import MemberRow, members
from server.projects.retelling import Area, areas
from server.web.forms import Form, parse

BY_SHELL = "0"


@dataclass(frozen=True)
class Sieve:
    """What can be asked for: the people and the actions of a project."""

    members: tuple[MemberRow, ...]
    areas: tuple[Area, ...]

    @property
    def people(self) -> tuple[tuple[str, str], ...]:
        """Whose events can be chosen."""
        people = tuple((str(member.number), member.display_name) for member in self.members)
        return (("", _("Everybody")), *people, (BY_SHELL, _("The server's shell")))

    def wanted(self, form: Form[HistoryQuery]) -> Wanted:
        """What is looked up; `Refusal` with a sentence a field where it cannot be."""
        asked = form.checked()
        account_of = {str(member.number): member.account_id for member in self.members}
        actions_of = {area.key: tuple(name for name, _words in area.actions) for area in self.areas}
        actions_of |= {name: (name,) for names in actions_of.values() for name in names}
        problems = {}
        if asked.person not in {"", BY_SHELL, *account_of}:
            problems["person"] = _("There is no such member.")
        if asked.action not in {"", *actions_of}:
            problems["action"] = _("Nothing like this was done.")
        if asked.since and asked.until and asked.until < asked.since:
            problems["until"] = _("This day is before the first one.")
        if problems:
            raise Refusal(_("Some answers need another look."), problems)
        return Wanted(
            actor_id=account_of.get(asked.person),
            by_shell=asked.person == BY_SHELL,
            actions=actions_of.get(asked.action, ()),
            round=asked.round,
            since=_midnight(asked.since),
            until=_midnight(_next(asked.until)),
            words=subject_of_words(asked.words or ""),
        )


def sieve_of(db: Session, access: Access) -> Sieve:
    """What can be asked for in this project."""
    return Sieve(members(db, access), areas(db, access))


def asked_of(values: QueryParams) -> Form[HistoryQuery]:
    """The filters as they were typed."""
    return parse(HistoryQuery, FormData([*values.multi_items()]))


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _next(day: date | None) -> date | None:
    """The day after; on the last there is, nothing ends."""
    return day + timedelta(days=1) if day and day < date.max else None

"""How far a project is: what the features above `projects` tell its first pages.

Imports only look down, so posts, rounds and decisions cannot be read from here. Each feature describes its
own station, and `server.app` puts them together.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from server.projects.access import Access
from server.projects.roles import Permission


@dataclass(frozen=True)
class Station:
    """One step of a study: how far it is, and the page on which it goes on.

    `done` and `total` count what is to be done there, where that can be counted. `needs` is asked for to see
    it. Where it is to be begun, `begins` is asked for, too; who has that not reads `said_to_others` instead,
    and is led nowhere.
    """

    heading: str
    said: str
    is_done: bool
    page: str
    link: str
    needs: Permission
    done: int | None = None
    total: int | None = None
    begins: Permission | None = None
    said_to_others: str = ""

    def seen_by(self, may: Callable[[Permission], bool]) -> "Station":
        """The station as somebody with these permissions sees it; without a link where there is no work."""
        if self.begins is None or may(self.begins):
            return self
        return replace(self, said=self.said_to_others, link="")


@dataclass(frozen=True)
class OwnRound:
    """A round in which one codes, with how far one is.

    `n_shared` codings are left in its shared queue for all; None where one's posts are settled. `is_over`:
    none of those are for oneself. `ending` says when the round ends, where it does. `is_waiting`: it opens
    after a training round.
    """

    project_id: int
    number: int
    title: str
    n_assigned: int
    n_submitted: int
    n_skipped: int
    is_locked: bool
    is_revealed: bool
    n_shared: int | None = None
    is_over: bool = False
    ending: str = ""
    is_waiting: bool = False

    @property
    def n_done(self) -> int:
        """Posts coded or skipped."""
        return self.n_submitted + self.n_skipped

    @property
    def n_left(self) -> int:
        """Posts still to be coded; none in a locked round, or before it opens."""
        if self.is_locked or self.is_over or self.is_waiting:
            return 0
        return max(self.n_assigned - self.n_done, 0) if self.n_shared is None else self.n_shared


@dataclass(frozen=True)
class Notice:
    """Something that waits for this member in the project, and the page on which it is done.

    `parts` are those of the page's address, such as the number of a round.
    """

    said: str
    page: str
    link: str
    parts: Mapping[str, Any] = field(default_factory=dict)


# What a feature has to tell a member at the door of a project.
NoticesOf = Callable[[Session, Access], tuple[Notice, ...]]
# A station of each of these projects, by project id.
StationOf = Callable[[Session, Collection[int]], Mapping[int, Station]]


@dataclass(frozen=True)
class Overview:
    """What the first pages show, in the order of the work, and since when time is measured in a project."""

    stations: tuple[StationOf, ...]
    own_rounds: Callable[[Session, int], tuple[OwnRound, ...]]
    codings_by_member: Callable[[Session, int], Mapping[int, int]]
    timed_since: Callable[[Session, int], datetime | None]
    notices: tuple[NoticesOf, ...] = ()
    # Whether a member has still to decide what somebody else decided, without having seen that.
    owes_decision: Callable[[Session, Access], bool] = lambda _db, _access: False

    def noticed_by(self, db: Session, access: Access) -> tuple[Notice, ...]:
        """What waits for this member in the project."""
        return tuple(notice for notices_of in self.notices for notice in notices_of(db, access))

    def of_projects(self, db: Session, project_ids: Collection[int]) -> dict[int, tuple[Station, ...]]:
        """The stations of each of these projects."""
        if not project_ids:
            return {}
        told = [station_of(db, project_ids) for station_of in self.stations]
        return {project_id: tuple(of[project_id] for of in told) for project_id in project_ids}

"""Reading disagreements: the queue with its counts, and who comes before and after a post in it."""

from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import Select, distinct, func, select
from sqlmodel import Session, col

from server.adjudication.disputes import Dispute
from server.adjudication.filters import Choice, Filters, Person, looked_up, people
from server.adjudication.memory import quick_disputes, remembered_disputes
from server.adjudication.models import Decision, StandingDecision
from server.adjudication.scope import SUBMITTED, Scope, still_coded
from server.adjudication.selecting import sifted
from server.adjudication.sharing import Sharing, owed, sharing_of
from server.adjudication.standing import UNCONTESTED, WITHDRAWN
from server.adjudication.tallies import raw_rows
from server.corpora.models import Post
from server.corpora.taken_down import taken_down
from server.projects.access import Access
from server.rounds.models import Assignment

PAGE = 25
_START = 200


@dataclass(frozen=True)
class Queue:
    """The disputes of a choice in their order, and which of them are open.

    `decided`: post → its questions that need no decision any more.
    """

    state: str
    disputes: tuple[Dispute, ...]
    decided: Mapping[int, Collection[int]]

    def open_variables(self, dispute: Dispute) -> tuple[int, ...]:
        """The questions of a disputed post on which nothing is decided."""
        done = self.decided.get(dispute.post_id)
        return tuple(key for key in dispute.variable_ids if key not in done) if done else dispute.variable_ids

    @cached_property
    def open(self) -> tuple[Dispute, ...]:
        """The disputes with something left to decide."""
        done = self.decided
        return tuple(each for each in self.disputes if each.post_id not in done or self.open_variables(each))

    @cached_property
    def listed(self) -> tuple[Dispute, ...]:
        """What the chosen state leaves, the open ones first."""
        if self.state == "open":
            return self.open
        decided = tuple(each for each in self.disputes if not self.open_variables(each))
        return decided if self.state == "decided" else (*self.open, *decided)

    @property
    def n_decided(self) -> int:
        """How many of the disputes are decided."""
        return len(self.disputes) - len(self.open)

    def around(self, post_id: int) -> tuple[int | None, int | None]:
        """The posts before and after a post in the list."""
        ids = [each.post_id for each in self.listed]
        if post_id in ids:
            place = ids.index(post_id)
            return (ids[place - 1] if place else None), _at(ids, place + 1)
        behind = self._behind(post_id, self.listed)
        place = len(ids) - len(behind)
        return (ids[place - 1] if place else None), _at(ids, place)

    def next_open(self, post_id: int) -> int | None:
        """The open post that comes after this one; from the beginning again after the last."""
        left = [each for each in self.open if each.post_id != post_id]
        found = self._behind(post_id, tuple(left)) or left
        return found[0].post_id if found else None

    def _behind(self, post_id: int, of: tuple[Dispute, ...]) -> list[Dispute]:
        places = self._places
        if post_id not in places:
            return list(of)
        return [each for each in of if places[each.post_id] > places[post_id]]

    @cached_property
    def _places(self) -> dict[int, int]:
        return {each.post_id: place for place, each in enumerate(self.disputes)}


def _at(ids: list[int], place: int) -> int | None:
    return ids[place] if place < len(ids) else None


@dataclass(frozen=True)
class PostStart:
    """A post in a list: how it begins, how many coded it, and whether somebody still has to."""

    number: int
    start: str
    is_cut: bool
    n_annotators: int
    is_still_coded: bool


@dataclass(frozen=True)
class QueueLine:
    """A disputed post in the list, and which of its questions are open and decided."""

    post: PostStart
    agreement: float
    entropy: float
    open_ids: tuple[int, ...]
    decided_ids: tuple[int, ...]


@dataclass(frozen=True)
class Selected:
    """The queue of a choice, with what there is to choose from."""

    people: tuple[Person, ...]
    choice: Choice
    queue: Queue

    @property
    def pair(self) -> tuple[Person, ...]:
        """The two who are compared by name, if the choice compares two."""
        chosen = tuple(each for each in self.people if each.member_id in self.choice.lens.member_ids)
        return chosen if len(chosen) == 2 else ()


def selected(db: Session, access: Access, scope: Scope, filters: Filters) -> Selected:
    """The disagreements that the filters leave."""
    annotators = people(db, access, scope)
    choice = looked_up(filters, scope, annotators)
    found = sifted(
        db, scope, _readable(db, scope, remembered_disputes(db, scope, choice.lens)), choice.sifting
    )
    sharing, me = sharing_of(db, access.project_id), access.member_id
    if is_shared_out(choice.filters.share, sharing, me):
        mine = sharing.mine((each.post_id for each in found), me)
        found = tuple(found[place] for place in np.flatnonzero(mine).tolist())
    decided = _decided(db, scope, owed(db, access))
    return Selected(annotators, choice, Queue(choice.filters.state, found, decided))


def is_shared_out(share: str, sharing: Sharing, member_id: int) -> bool:
    """Whether only the posts of a member are listed: if they ask, or have a share and do not ask for all."""
    return sharing.splits and (share == "mine" or (not share and member_id in sharing.member_ids))


def quick_queue(db: Session, scope: Scope) -> Queue | None:
    """All disagreements, where they can be counted in no time; None where the list has to be opened."""
    choice = looked_up(Filters(), scope, ())
    found = quick_disputes(db, scope, choice.lens)
    if found is None:
        return None
    return Queue(choice.filters.state, _readable(db, scope, found), _decided(db, scope))


def _readable(db: Session, scope: Scope, found: tuple[Dispute, ...]) -> tuple[Dispute, ...]:
    """Without the posts that were taken down: nobody can decide what nobody can read."""
    down = taken_down(db, scope.project_id)
    return tuple(each for each in found if each.post_id not in down) if down else found


def _decided(
    db: Session, scope: Scope, of_nobody: frozenset[int] = frozenset()
) -> Mapping[int, Collection[int]]:
    """Posts, and their questions that need no decision any more; posts `of_nobody` are all open.

    What was accepted uncontested and is disputed now was coded again since, and is open.
    """
    statement: Select[*tuple[Any, ...]] = (
        select(col(StandingDecision.post_id), col(StandingDecision.variable_id))
        .join(Decision, col(Decision.id) == col(StandingDecision.decision_id))
        .where(
            col(StandingDecision.project_id) == scope.project_id,
            col(Decision.basis).not_in([WITHDRAWN, *UNCONTESTED]),
        )
    )
    found: dict[int, list[int]] = {}
    with closing(raw_rows(db, statement)) as rows:
        for post_id, variable_id in rows.fetchall():
            if post_id not in of_nobody:
                found.setdefault(post_id, []).append(variable_id)
    return found


def lines(db: Session, scope: Scope, of: Selected, page: int) -> tuple[QueueLine, ...]:
    """One page of the list."""
    queue = of.queue
    disputes = queue.listed[(page - 1) * PAGE : page * PAGE]
    posts = _posts(db, scope, of.choice, [each.post_id for each in disputes])
    return tuple(
        QueueLine(
            posts[each.post_id],
            each.agreement,
            each.entropy,
            queue.open_variables(each),
            tuple(key for key in each.variable_ids if key not in queue.open_variables(each)),
        )
        for each in disputes
    )


def _posts(db: Session, scope: Scope, choice: Choice, post_ids: list[int]) -> dict[int, PostStart]:
    annotators = (
        select(func.count(distinct(col(Assignment.member_id))))
        .where(
            col(Assignment.post_id) == col(Post.id),
            col(Assignment.round_id).in_(choice.lens.round_ids),
            col(Assignment.state) == SUBMITTED,
        )
        .scalar_subquery()
    )
    start = func.substr(col(Post.text), 1, _START + 1)
    columns = (col(Post.id), col(Post.number), start, annotators, still_coded(scope, col(Post.id)))
    rows = db.execute(select(*columns).where(col(Post.id).in_(post_ids)))
    return {
        post_id: PostStart(number, text[:_START], len(text) > _START, n, waiting)
        for post_id, number, text, n, waiting in rows
    }


def number_of(db: Session, access: Access, post_id: int | None) -> int | None:
    """The number of a post of the project."""
    found: int | None = db.scalar(
        select(col(Post.number)).where(col(Post.id) == post_id, col(Post.project_id) == access.project_id)
    )
    return found

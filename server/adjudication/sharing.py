"""To whom a post belongs where adjudicators share the queue, and which posts two of them decide.

Shares are drawn by a seed, and a post keeps its own whatever else is in the queue. Whoever decides a post
second owes their decision: until they have made it, nothing of the first is shown to them anywhere.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select, true
from sqlmodel import Session, col

from server.accounts.models import Account
from server.adjudication.models import Decision, DeskSettings, PostTaken
from server.adjudication.standing import ADJUDICATED, CONSENSUS, SECOND
from server.projects.access import Access
from server.projects.models import Member
from server.projects.roles import Permission, Role, may

_Ints = NDArray[np.int64]
# A percent in hundredths, so that shares come out even.
_FINE = 10_000


@dataclass(frozen=True)
class Sharing:
    """Among which members posts are shared, and how. `taken`: post → who took it over."""

    member_ids: tuple[int, ...] = ()
    splits: bool = False
    double_percent: int = 0
    seed: str = "1"
    taken: dict[int, int] = field(default_factory=dict)

    def owner(self, post_id: int) -> int | None:
        """The member to whom a post belongs; None where the queue is not split."""
        return self.pair(post_id)[0] if self.splits and self.member_ids else None

    def is_double(self, post_id: int) -> bool:
        """Whether two adjudicators decide a post."""
        return bool(self._double(np.array([post_id]))[0])

    def pair(self, post_id: int) -> tuple[int, ...]:
        """Who decides a post, if it is decided twice: to whom it belongs, and one of the others."""
        return tuple(int(each[0]) for each in self._pairs(np.array([post_id])))

    def is_mine(self, post_id: int, member_id: int) -> bool:
        """Whether a member is to decide a post, alone or as one of two."""
        return bool(self.mine([post_id], member_id)[0])

    def mine(self, post_ids: Iterable[int], member_id: int) -> NDArray[np.bool_]:
        """Which of these posts a member is to decide, alone or as one of two."""
        posts = np.fromiter(post_ids, dtype=np.int64)
        if not self.splits:
            return np.ones(len(posts), dtype=np.bool_)
        first, second = self._pairs(posts)
        return np.asarray((first == member_id) | ((second == member_id) & self._double(posts)))

    def twice(self, post_ids: Collection[int], member_id: int) -> frozenset[int]:
        """Those of the posts that are decided twice, once by this member."""
        posts = np.fromiter(post_ids, dtype=np.int64)
        first, second = self._pairs(posts)
        chosen = self._double(posts) & ((first == member_id) | (second == member_id))
        return frozenset(posts[chosen].tolist())

    def _double(self, posts: _Ints) -> NDArray[np.bool_]:
        share = ranks(posts, f"double {self.seed}") % _FINE
        return np.asarray((share < self.double_percent * _FINE // 100) & (len(self.member_ids) > 1))

    def _pairs(self, posts: _Ints) -> tuple[_Ints, _Ints]:
        """To whom each post belongs, and who decides it besides; the same person where there is one only."""
        n, members = len(self.member_ids), np.array(self.member_ids, dtype=np.int64)
        rank = ranks(posts, f"share {self.seed}")
        place = rank % n
        first, second = members[place], members[(place + 1 + rank // n % max(1, n - 1)) % n]
        taken = np.array([self.taken.get(each, 0) for each in posts.tolist()]) if self.taken else 0
        other = np.where(second == taken, first, second)
        return np.where(taken, taken, first), np.where(taken, other, second)


def ranks(post_ids: Iterable[int], seed: str) -> _Ints:
    """A number from 0 for each post that depends on the seed and the post alone (splitmix64)."""
    start = int.from_bytes(sha256(f"desk {seed}".encode()).digest()[:8], "big")
    posts = np.fromiter(post_ids, dtype=np.uint64)
    with np.errstate(over="ignore"):
        mixed = posts * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)


def reviewing(db: Session, project_id: int) -> tuple[Member, ...]:
    """The active members who may decide, by their numbers."""
    roles = [role.value for role in Role if may(role, Permission.REVIEW_DISAGREEMENTS)]
    return tuple(
        db.scalars(
            select(Member)
            .where(col(Member.project_id) == project_id, col(Member.is_active), col(Member.role).in_(roles))
            .order_by(col(Member.number))
        )
    )


def reviewers(db: Session, access: Access) -> tuple[tuple[int, str], ...]:
    """The same as a form offers them: by their numbers, with their names."""
    members = reviewing(db, access.project_id)
    names = select(col(Account.id), col(Account.display_name)).where(
        col(Account.id).in_([each.account_id for each in members])
    )
    found = {row.id: row.display_name for row in db.execute(names)}
    return tuple((each.number, found[each.account_id]) for each in members)


def sharing_of(db: Session, project_id: int) -> Sharing:
    """How the queue is shared now. Whoever left or may not decide any more has no share."""
    row = db.get(DeskSettings, project_id)
    if row is None or not (row.splits or row.double_percent):
        return Sharing()
    present = tuple(each.id or 0 for each in reviewing(db, project_id) if each.id in row.adjudicators)
    columns = select(col(PostTaken.post_id), col(PostTaken.member_id))
    taken = db.execute(columns.where(col(PostTaken.project_id) == project_id))
    still = {post_id: member_id for post_id, member_id in taken if member_id in present}
    return Sharing(present, row.splits and bool(present), row.double_percent, row.seed, still)


def owed(db: Session, access: Access) -> frozenset[int]:
    """The posts that another adjudicator decided and this one has still to decide without seeing it."""
    return owed_by(db, access.project_id, access.member_id, access.account_id)


def owed_by(db: Session, project_id: int, member_id: int, account_id: int) -> frozenset[int]:
    """The same for any member."""
    sharing = sharing_of(db, project_id)
    if not sharing.double_percent or member_id not in sharing.member_ids:
        return frozenset()
    rows = db.execute(
        select(col(Decision.post_id), col(Decision.decided_by), col(Decision.basis))
        .where(
            col(Decision.project_id) == project_id,
            col(Decision.basis).in_([ADJUDICATED, CONSENSUS, SECOND]),
        )
        .distinct()
    ).all()
    done = {post_id for post_id, by, basis in rows if by == account_id or basis == CONSENSUS}
    others = {post_id for post_id, by, _basis in rows if by != account_id}
    return sharing.twice(others - done, member_id)


def owes_decision(db: Session, access: Access) -> bool:
    """Whether a member has still to decide what somebody else decided."""
    return bool(owed(db, access))


def not_owed(post_ids: frozenset[int], post_id: Any) -> ColumnElement[bool]:
    """Whether a post is none of those that somebody has still to decide without seeing a decision."""
    return post_id.not_in(sorted(post_ids)) if post_ids else true()

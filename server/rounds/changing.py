"""Changing a round that is open: who codes in it, who has which posts, and how many there are.

What was coded stays. A post that goes to somebody else leaves an assignment in the state `withdrawn` behind,
so that nobody is given a post a second time. Each change is recorded.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Integer, column, exists, func, select, table, update
from sqlmodel import Session, col

from server.clock import now
from server.db.bulk_rows import insert_columns, numbers_as_rows
from server.db.tables import sql_table
from server.errors import NotFound, Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.projects.models import Member
from server.rounds.actions import assignments_table, counter_of, record_round, round_for_change
from server.rounds.blocks import Integers
from server.rounds.counters import count
from server.rounds.gates import Candidate, endings_that_open
from server.rounds.lookers import former_reviewers
from server.rounds.models import (
    Assignment,
    QueueSlot,
    Round,
    RoundAnnotator,
    RoundGate,
    RoundQueue,
)
from server.rounds.proposal import candidates
from server.rounds.ranks import start
from server.rounds.slots import QUEUED

_draft = table("draft", column("assignment_id", Integer))
_slot = sql_table(QueueSlot)
Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Dealt:
    """What is given to whom, by the numbers of members, and how many posts found nobody."""

    by_number: dict[int, int]
    n_left_over: int
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def n_given(self) -> int:
        """How many posts are given."""
        return sum(self.by_number.values())


@dataclass(frozen=True)
class Coder:
    """An annotator of a round who may be given posts, and how many they have left."""

    number: int
    member_id: int
    n_left: int


def newcomers(db: Session, access: Access, round_id: int) -> tuple[Candidate, ...]:
    """Who may be added: they code in the project, not in the round, and review nobody's codings."""
    here = set(
        db.scalars(select(col(RoundAnnotator.member_id)).where(col(RoundAnnotator.round_id) == round_id))
    )
    return tuple(
        each for each in candidates(db, access) if each.member_id not in here and not each.is_reviewer
    )


def coders(db: Session, access: Access, round_id: int) -> tuple[Coder, ...]:
    """The annotators of a round who still get posts, those with the fewest left first."""
    left = col(RoundAnnotator.n_assigned) - col(RoundAnnotator.n_submitted) - col(RoundAnnotator.n_skipped)
    rows = db.execute(
        select(col(Member.number), col(RoundAnnotator.member_id), left)
        .join(RoundAnnotator, col(RoundAnnotator.member_id) == col(Member.id))
        .where(
            col(RoundAnnotator.round_id) == round_id,
            col(Member.project_id) == access.project_id,
            col(Member.is_active),
            ~col(RoundAnnotator.is_withdrawn),
        )
        .order_by(left, col(Member.number))
    )
    return tuple(Coder(number, member_id, n_left) for number, member_id, n_left in rows)


def add_annotator(db: Session, access: Access, number: int, annotator: int) -> int:
    """Let somebody join an open round; returns how many posts they get.

    In a plan these are posts that nobody of those who have them began, so that all have about as many left.
    """
    row = open_round_for_change(db, access, number)
    joining = next((one for one in candidates(db, access) if one.number == annotator), None)
    if joining is None or db.scalar(_is_here(row, joining.member_id)):
        message = _("This person cannot be added: choose one of the list.")
        raise Refusal(message, {"newcomer": message})
    _refuse_newcomer(db, access, row, joining)
    queue = db.get(RoundQueue, row.id)
    seed = queue.seed if queue else None
    counter = RoundAnnotator(
        round_id=row.id or 0,
        member_id=joining.member_id,
        n_assigned=0,
        cursor=0 if seed is None else start(seed, joining.member_id, 0, row.n_posts),
        is_waiting=_waits(db, row.id or 0, joining.member_id),
    )
    db.add(counter)
    db.flush()
    taken = [] if queue else _taken_for(db, access, row.id or 0, joining.member_id)
    _hand_over(db, row.id or 0, [(assignment, joining.member_id) for assignment in taken])
    record_round(db, access, "add_annotator", number, {"annotator": annotator, "n_posts": len(taken)})
    return len(taken)


def _refuse_newcomer(db: Session, access: Access, row: Round, joining: Candidate) -> None:
    seen = joining.number in former_reviewers(db, access, row.opened_at)
    if joining.is_reviewer or seen:
        message = _("{name} could look into this round since it was opened, and would not code on their own.")
        raise Refusal(said := message.format(name=joining.name), {"newcomer": said})
    if row.shows_gold:
        message = _("In a training with gold everybody codes all posts. Open another training for them.")
        raise Refusal(message, {"newcomer": message})


def _is_here(row: Round, member_id: int) -> Any:
    of_round = col(RoundAnnotator.round_id) == row.id
    return select(col(RoundAnnotator.id)).where(of_round, col(RoundAnnotator.member_id) == member_id)


def _waits(db: Session, round_id: int, member_id: int) -> bool:
    """Whether a training stands before the round that this member has not passed."""
    gate = db.get(RoundGate, round_id)
    if gate is None:
        return False
    ending = db.scalar(
        select(col(RoundAnnotator.training)).where(
            col(RoundAnnotator.round_id) == gate.training_id, col(RoundAnnotator.member_id) == member_id
        )
    )
    return ending not in endings_that_open(db.get_one(Round, gate.training_id))


def _taken_for(db: Session, access: Access, round_id: int, member_id: int) -> list[int]:
    """Assignments that nobody began, from those with most left, until all have about as many."""
    people = {one.member_id: one.n_left for one in coders(db, access, round_id) if one.member_id != member_id}
    if not people:
        return []
    share = sum(people.values()) // (len(people) + 1)
    waiting = _not_begun(db, round_id, people)
    taken: list[int] = []
    seen: set[int] = set()
    while len(taken) < share and any(waiting.values()):
        most = max((one for one in waiting if waiting[one]), key=lambda one: (people[one], -one))
        assignment, post = waiting[most].pop()
        if post not in seen:
            seen.add(post)
            taken.append(assignment)
            people[most] -= 1
    return taken


def _not_begun(db: Session, round_id: int, members: Collection[int]) -> dict[int, list[tuple[int, int]]]:
    """The queued assignments without a draft by member, as pairs of assignment and post in their order."""
    rows = db.execute(
        select(col(Assignment.member_id), col(Assignment.id), col(Assignment.post_id))
        .where(
            col(Assignment.round_id) == round_id,
            col(Assignment.member_id).in_(members),
            *_never_coded(),
            ~exists().where(_draft.c.assignment_id == col(Assignment.id)),
        )
        .order_by(col(Assignment.member_id), col(Assignment.position))
    )
    found: dict[int, list[tuple[int, int]]] = {member: [] for member in members}
    for member, assignment, post in rows:
        found[member].append((assignment, post))
    return found


def reassignment(db: Session, access: Access, number: int, source: int, to: Sequence[int]) -> Dealt:
    """To whom what is left of one annotator would go; nobody gets a post that was theirs in the round.

    Raises:
        Refusal: the round is not open or has a shared queue, nothing is left, nobody may get it.
    """
    row = open_round(db, access, number)
    if db.get(RoundQueue, row.id):
        raise Refusal(
            _("In a shared queue nobody has posts of their own: what is left is everybody's already.")
        )
    counter = counter_of(db, access, row, source, "source")
    people = [one for one in coders(db, access, row.id or 0) if one.number in to and one.number != source]
    if not people:
        message = _("Choose at least one other annotator of the round who still gets posts.")
        raise Refusal(message, {"to": message})
    left = _waiting(db, row.id or 0, counter.member_id)
    if not left:
        message = _("This annotator has no post left that another could code: what is sent back is theirs.")
        raise Refusal(message, {"source": message})
    of_post = {post: assignment for assignment, post in left}
    dealt = deal(db, row.id or 0, list(of_post), people)
    pairs = tuple((of_post[post], member) for post, member in dealt.pairs)
    return Dealt(dealt.by_number, dealt.n_left_over, pairs)


def reassign(
    db: Session, access: Access, number: int, source: int, to: Sequence[int], seen: Mapping[int, int]
) -> Dealt:
    """Give what is left of one annotator to others, as the preview `seen` said (by numbers of members)."""
    row = open_round_for_change(db, access, number)
    found = reassignment(db, access, number, source, to)
    if found.by_number != dict(seen):
        raise Refusal(_("Somebody has coded meanwhile, so that this is another plan now. Look at it again."))
    if not found.pairs:
        message = _("Each of these annotators has, or had, all of these posts. Choose others.")
        raise Refusal(message, {"to": message})
    _hand_over(db, row.id or 0, list(found.pairs))
    given = {str(one): n for one, n in found.by_number.items()}
    details = {"annotator": source, "given_to": given, "n_posts": found.n_given}
    record_round(db, access, "reassign", number, details)
    return found


def _never_coded() -> tuple[ColumnElement[bool], ...]:
    """What was sent back is queued, too, and its coding is its annotator's."""
    return col(Assignment.state) == QUEUED, col(Assignment.coding_id).is_(None)


def _waiting(db: Session, round_id: int, member_id: int) -> list[tuple[int, int]]:
    rows = db.execute(
        select(col(Assignment.id), col(Assignment.post_id))
        .where(
            col(Assignment.round_id) == round_id,
            col(Assignment.member_id) == member_id,
            *_never_coded(),
        )
        .order_by(col(Assignment.position))
    )
    return [(assignment, post) for assignment, post in rows]


def deal(db: Session, round_id: int, post_ids: Sequence[int], people: Sequence[Coder]) -> Dealt:
    """Each post to one of these people who has never had it in the round, who has fewest left."""
    had = _had(db, round_id, [one.member_id for one in people])
    left = {one.member_id: one.n_left for one in people}
    pairs: Pairs = []
    for post in post_ids:
        free = [one.member_id for one in people if (post, one.member_id) not in had]
        if free:
            least = min(free, key=lambda member: (left[member], member))
            left[least] += 1
            pairs.append((post, least))
    numbers = {one.member_id: one.number for one in people}
    by_number: dict[int, int] = {}
    for _post, member in pairs:
        by_number[numbers[member]] = by_number.get(numbers[member], 0) + 1
    return Dealt(dict(sorted(by_number.items())), len(post_ids) - len(pairs), tuple(pairs))


def _had(db: Session, round_id: int, members: Collection[int]) -> set[tuple[int, int]]:
    rows = db.execute(
        select(col(Assignment.post_id), col(Assignment.member_id)).where(
            col(Assignment.round_id) == round_id, col(Assignment.member_id).in_(members)
        )
    )
    return {(post, member) for post, member in rows}


def _hand_over(db: Session, round_id: int, pairs: Pairs) -> None:
    """Take assignments from those who have them and give their posts to others: (assignment, member)."""
    if not pairs:
        return
    wanted = numbers_as_rows(db, np.array([assignment for assignment, _to in pairs], dtype=np.int64))
    withdraw = (
        update(Assignment)
        .where(col(Assignment.id).in_(select(wanted.c.value)), *_never_coded())
        .values(state="withdrawn", changed_at=now())
        .returning(col(Assignment.id), col(Assignment.post_id), col(Assignment.member_id))
        .execution_options(synchronize_session=False)
    )
    taken = {row.id: row for row in db.execute(withdraw)}
    for member, n in _counted(row.member_id for row in taken.values()).items():
        count(db, round_id, member, n_assigned=-n)
    give(db, round_id, [(taken[one].post_id, member) for one, member in pairs if one in taken])


def give(db: Session, round_id: int, pairs: Sequence[tuple[int, int]]) -> None:
    """Make assignments (post, member) at the end of each member's own order, and count them."""
    places = _last_places(db, round_id, {member for _post, member in pairs})
    positions = []
    for _post, member in pairs:
        places[member] += 1
        positions.append(places[member])
    columns = {
        "post_id": [post for post, _member in pairs],
        "member_id": [member for _post, member in pairs],
        "position": positions,
    }
    of_all = {"round_id": round_id, "state": "queued", "is_extra": False}
    insert_columns(db, assignments_table, columns, of_all)
    for member, n in _counted(member for _post, member in pairs).items():
        count(db, round_id, member, n_assigned=n)


def _last_places(db: Session, round_id: int, members: Collection[int]) -> dict[int, int]:
    rows = db.execute(
        select(col(Assignment.member_id), func.max(col(Assignment.position)))
        .where(col(Assignment.round_id) == round_id, col(Assignment.member_id).in_(members))
        .group_by(col(Assignment.member_id))
    )
    found = dict.fromkeys(members, 0)
    found.update((member, last) for member, last in rows)
    return found


def _counted(members: Any) -> dict[int, int]:
    found: dict[int, int] = {}
    for member in members:
        found[member] = found.get(member, 0) + 1
    return found


def open_round_for_change(db: Session, access: Access, number: int) -> Round:
    """The round, held until the end of the transaction; `Refusal` where it is not open."""
    round_for_change(db, access, number)
    return open_round(db, access, number)


def open_round(db: Session, access: Access, number: int) -> Round:
    """The same without holding it, for a page that only looks."""
    of_project = (col(Round.project_id) == access.project_id, col(Round.number) == number)
    row = db.scalar(select(Round).where(*of_project))
    if row is None:
        raise NotFound
    if row.locked_at or row.revealed_at:
        raise Refusal(_("The round is locked, so that nothing of it is changed. Open it again first."))
    return row


def add_slots(db: Session, round_id: int, post_ids: Sequence[int], most: int) -> int:
    """Let a shared queue want one more coding of each of these posts, up to `most`; returns of how many."""
    wanted = numbers_as_rows(db, np.array(post_ids, dtype=np.int64))
    rows = db.execute(
        select(col(QueueSlot.post_id), func.max(col(QueueSlot.n)), func.max(col(QueueSlot.rank)))
        .where(col(QueueSlot.round_id) == round_id, col(QueueSlot.post_id).in_(select(wanted.c.value)))
        .group_by(col(QueueSlot.post_id))
        .having(func.max(col(QueueSlot.n)) < most)
    ).all()
    columns = {
        "post_id": [post for post, _n, _rank in rows],
        "n": [n + 1 for _post, n, _rank in rows],
        "rank": [rank for _post, _n, rank in rows],
    }
    insert_columns(db, _slot, columns, {"round_id": round_id, "state": "open"})
    db.get_one(RoundQueue, round_id).n_slots += len(rows)
    db.flush()
    return len(rows)


def posts_in(db: Session, round_id: int) -> Integers:
    """The ids of the posts of a round, in ascending order."""
    of = QueueSlot if db.get(RoundQueue, round_id) else Assignment
    ids = db.scalars(select(col(of.post_id)).where(col(of.round_id) == round_id).distinct())
    return np.sort(np.fromiter(ids, dtype=np.int64))

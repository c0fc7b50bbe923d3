"""A shared queue in a test's transaction."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from server.db.engine import connection_of
from server.projects.access import Access
from server.rounds import queue
from server.rounds.models import Assignment, QueueSlot, Round
from server.rounds.queue import Ahead, Place, held_place_in, place_in, prospect
from tests import make
from tests.cast import Cast


@dataclass(frozen=True)
class Table:
    """A shared queue in the test's transaction, and those who sit at it."""

    db: Session
    round: Round
    cast: Cast

    @property
    def one(self) -> Access:
        return self.cast.annotator

    @property
    def other(self) -> Access:
        return self.cast.other_annotator

    def place(self, who: Access) -> Place:
        found = held_place_in(self.db, who, self.round.number)
        assert found is not None
        return found

    def take(self, who: Access) -> int | None:
        return queue.take(connection_of(self.db), self.place(who))

    def post_at(self, who: Access, position: int) -> int:
        post_id = self.db.scalar(
            select(Assignment.post_id).where(
                Assignment.round_id == self.round.id,
                Assignment.member_id == who.member_id,
                Assignment.position == position,
            )
        )
        assert post_id is not None
        return post_id

    def taken(self, who: Access) -> int:
        """The rank of the post that is taken."""
        position = self.take(who)
        assert position is not None
        return self.rank(self.post_at(who, position))

    def rank(self, post_id: int) -> int:
        found = self.db.scalar(
            select(QueueSlot.rank).where(QueueSlot.round_id == self.round.id, QueueSlot.post_id == post_id)
        )
        assert found is not None
        return found

    def submit(self, who: Access, position: int, *, state: str = "submitted") -> bool:
        """What a submission does to the queue and the assignment."""
        post_id = self.post_at(who, position)
        is_wanted = queue.finish(connection_of(self.db), self.place(who), post_id)
        self.mark(who, position, state)
        return is_wanted

    def skip(self, who: Access, position: int) -> None:
        queue.give_back(connection_of(self.db), self.place(who), self.post_at(who, position))
        self.mark(who, position, "skipped")

    def mark(self, who: Access, position: int, state: str) -> None:
        self.db.connection().execute(
            text(
                "UPDATE assignment SET state = :state WHERE round_id = :round AND member_id = :member "
                "AND position = :position"
            ),
            {"state": state, "round": self.round.id, "member": who.member_id, "position": position},
        )
        if state == "submitted":
            self.db.connection().execute(
                text(
                    "UPDATE round_annotator SET n_submitted = n_submitted + 1 "
                    "WHERE round_id = :round AND member_id = :member"
                ),
                {"round": self.round.id, "member": who.member_id},
            )

    def run_out(self, hours: int = -1) -> None:
        """Let every lease end an hour ago, or so many hours from now, as where the clock went back."""
        self.db.connection().execute(
            QueueSlot.__table__.update()  # type: ignore[attr-defined]
            .where(col(QueueSlot.state) == "leased")
            .values(lease_until=datetime.now(UTC) + timedelta(hours=hours))
        )

    def states(self) -> Counter[str]:
        rows = self.db.execute(select(col(QueueSlot.state)).where(QueueSlot.round_id == self.round.id))
        return Counter(state for (state,) in rows)

    def state_of(self, who: Access, position: int) -> str | None:
        return self.db.scalar(
            select(Assignment.state).where(
                Assignment.round_id == self.round.id,
                Assignment.member_id == who.member_id,
                Assignment.position == position,
            )
        )

    def ahead(self, who: Access) -> Ahead:
        found = place_in(self.db, who, self.round.number)
        assert found is not None
        return prospect(connection_of(self.db), found).ahead


def laid(db: Session, cast: Cast, *, posts: int = 3, **rules: Any) -> Table:
    book = make.published(db, cast.project)
    rows = make.posts(db, cast.project, posts)
    people = [cast.annotator, cast.other_annotator]
    return Table(db, make.shared_round(db, cast.project, book, rows, people, **rules), cast)

"""Tables of rounds and assignments."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


class Round(Table, table=True):
    """One wave of coding. Open until it is locked; blind until it is revealed."""

    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    number: int
    title: str
    purpose: str = Field(description="training, pilot, reliability or main")
    codebook_version_id: int = Field(foreign_key="codebook_version.id")
    design: dict[str, object] = Field(
        sa_type=JSON, description="How it was planned: posts, filter, k, seed, plan or queue, …"
    )
    n_posts: int
    shows_gold: bool = Field(
        default=False, description="Training: after each submission the gold answers are shown"
    )
    is_imported: bool = Field(default=False, description="The codings came from a file")
    opened_by: int | None = Field(foreign_key="account.id")
    opened_at: datetime = Field(sa_type=UtcDateTime)
    ends_on: date | None = Field(default=None, description="The last day to code; locks nothing by itself")
    locked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RoundQuestion(Table, table=True):
    """A question of a round that asks only some of its codebook. A round without rows asks all."""

    round_id: int = Field(primary_key=True, foreign_key="round.id")
    variable_id: int = Field(primary_key=True, foreign_key="variable.id")
    shows_earlier: bool = Field(
        default=False, description="Annotators see what they answered to it in earlier rounds"
    )


class RoundGate(Table, table=True):
    """A round that opens for each of its annotators when they have passed a training round."""

    round_id: int = Field(primary_key=True, foreign_key="round.id", sa_column_kwargs={"autoincrement": False})
    training_id: int = Field(foreign_key="round.id", index=True)


class SilentGold(Table, table=True):
    """A post with gold among the others of a round; only the lead knows which."""

    round_id: int = Field(primary_key=True, foreign_key="round.id")
    post_id: int = Field(primary_key=True, foreign_key="post.id")


class RoundQueue(Table, table=True):
    """The rules of a shared queue. A round without them has a fixed plan.

    Posts come in the order of their ranks, from an annotator's cursor on; with a `seed` the ranks are random,
    and everybody begins elsewhere each time.
    """

    round_id: int = Field(primary_key=True, foreign_key="round.id", sa_column_kwargs={"autoincrement": False})
    lease_minutes: int
    cap: int | None = Field(default=None, description="Most codings of one annotator")
    seed: int | None = Field(
        default=None, sa_type=BigInteger, description="None: each goes on after the post they had"
    )
    n_slots: int = Field(description="Codings to make")


class RoundAnnotator(Table, table=True):
    """An annotator of a round, with counters so that progress is read and never counted.

    In a shared queue `n_assigned` posts were handed to them so far, and they are looked for from the rank
    `cursor` on.
    """

    __table_args__ = (UniqueConstraint("round_id", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    n_assigned: int
    n_submitted: int = 0
    n_skipped: int = 0
    n_extra: int = Field(default=0, description="Of the submitted, those for which no slot was left")
    quota: int | None = Field(default=None, description="Most codings of theirs in a shared queue")
    cursor: int = 0
    is_withdrawn: bool = False
    stretch_began_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Since when they code without a pause"
    )
    done_before_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_latest_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="When the last two posts were done"
    )
    is_waiting: bool = Field(default=False, description="The round opens for them after a training round")
    training: str = Field(default="", description="How a training round ended for them; see `Ending`")


class Assignment(Table, table=True):
    """One annotator is to code one post in one round.

    `position` is the annotator's own order and stands in addresses. The state is queued, submitted,
    skipped, withdrawn, or returned: a shared queue has taken the post back because its lease ran out. A
    queued assignment with a draft is a draft. `coding_id` is the one current coding. `is_extra`: it was
    submitted when a shared queue needed no more codings of the post; it counts as any other.
    """

    __table_args__ = (
        UniqueConstraint("round_id", "post_id", "member_id"),
        UniqueConstraint("round_id", "member_id", "position"),
        Index("ix_assignment_queue", "round_id", "member_id", "state", "position"),
        Index("ix_assignment_post_id", "post_id"),
        # How many codings each post has, what waits and what was done when are read from these alone.
        Index("ix_assignment_by_post", "round_id", "state", "post_id"),
        Index("ix_assignment_by_moment", "round_id", "state", "changed_at"),
        # The others begin with the round, too, but lead through the table in leaps.
        Index("ix_assignment_round_id", "round_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    post_id: int = Field(foreign_key="post.id")
    member_id: int = Field(foreign_key="member.id")
    position: int
    state: str = "queued"
    skip_reason: str | None = None
    coding_id: int | None = Field(default=None, description="The current coding; see server.coding.models")
    changed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_extra: bool = False


class QueueSlot(Table, table=True):
    """One coding that a shared queue wants of one post.

    The state is open, leased (`member_id` has until `lease_until` to submit) or done by `member_id`. All
    slots of a post have its rank. The indexes of the open and of the leased slots are all that taking a
    post reads; the last constraint lets nobody have two slots of a post.
    """

    __table_args__ = (
        UniqueConstraint("round_id", "post_id", "n"),
        _partial("ix_queue_slot_open", "round_id", "rank", where="state = 'open'"),
        _partial("ix_queue_slot_leased", "round_id", "lease_until", where="state = 'leased'"),
        _partial(
            "uq_queue_slot_member",
            "round_id",
            "post_id",
            "member_id",
            where="member_id IS NOT NULL",
            unique=True,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    post_id: int = Field(foreign_key="post.id")
    n: int = Field(description="1 to the number of codings wanted of the post")
    rank: int
    state: str = "open"
    member_id: int | None = Field(default=None, foreign_key="member.id")
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SkipReason(Table, table=True):
    """A reason for skipping, where the lead has changed the list; without rows the usual ones are offered.

    `key` is what a skipped assignment keeps; reasons are retired, never deleted.
    """

    __table_args__ = (UniqueConstraint("project_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    key: str
    label: str = Field(default="", description="The lead's words; empty for the usual ones, translated")
    position: int
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

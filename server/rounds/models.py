"""Tables of rounds and assignments."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


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
        sa_type=JSON, description="How it was planned: posts, filter, sample size, k, double_share, seed"
    )
    n_posts: int
    is_imported: bool = Field(default=False, description="The codings came from a file")
    opened_by: int | None = Field(foreign_key="account.id")
    opened_at: datetime = Field(sa_type=UtcDateTime)
    locked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RoundAnnotator(Table, table=True):
    """An annotator of a round, with counters so that progress is read and never counted."""

    __table_args__ = (UniqueConstraint("round_id", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    member_id: int = Field(foreign_key="member.id", index=True)
    n_assigned: int
    n_submitted: int = 0
    n_skipped: int = 0


class Assignment(Table, table=True):
    """One annotator is to code one post in one round.

    `position` is the annotator's own order and stands in addresses. The state is queued, submitted,
    skipped or withdrawn; a queued assignment with a draft is a draft. `coding_id` is the one current
    coding.
    """

    __table_args__ = (
        UniqueConstraint("round_id", "post_id", "member_id"),
        UniqueConstraint("round_id", "member_id", "position"),
        Index("ix_assignment_queue", "round_id", "member_id", "state", "position"),
        Index("ix_assignment_post_id", "post_id"),
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

"""Tables of decisions. A decision supersedes an earlier one and never overwrites it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime

BY_A_PERSON = "basis IN ('adjudicated', 'consensus')"


class DecisionBatch(Table, table=True):
    """Decisions taken at once by a rule, undoable as a whole."""

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    number: int
    rule: str = Field(description="unanimous, majority, single, or each: every question its own")
    minimum: int | None = Field(default=None, description="Majority: at least so many annotators")
    rules: dict[str, Any] | None = Field(
        default=None, sa_type=JSON(none_as_null=True), description="Variable key → its rule, with threshold"
    )
    n_decisions: int
    decided_by: int = Field(foreign_key="account.id")
    decided_at: datetime = Field(sa_type=UtcDateTime)
    undone_by: int | None = Field(default=None, foreign_key="account.id")
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Decision(Table, table=True):
    """The final value of one variable of one post, as decided at one moment.

    The basis is unanimous, majority, single, model, adjudicated or consensus; `withdrawn` takes the decision
    before it back and leaves the variable open again, and `second` never stands (see `SecondDecision`).
    """

    __table_args__ = (
        # What people decided last on a question, among ever so many decisions of rules.
        Index(
            "ix_decision_by_a_person",
            "project_id",
            "variable_id",
            "id",
            sqlite_where=text(BY_A_PERSON),
            postgresql_where=text(BY_A_PERSON),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    post_id: int = Field(foreign_key="post.id", index=True)
    variable_id: int = Field(foreign_key="variable.id")
    basis: str
    reason: str = ""
    supersedes_id: int | None = Field(default=None, unique=True, foreign_key="decision.id")
    batch_id: int | None = Field(default=None, foreign_key="decision_batch.id", index=True)
    decided_by: int | None = Field(foreign_key="account.id")
    decided_at: datetime = Field(sa_type=UtcDateTime)


class DecisionAnswer(Table, table=True):
    """One value of a decision, shaped like a `CodingAnswer`."""

    id: int | None = Field(default=None, primary_key=True)
    decision_id: int = Field(foreign_key="decision.id", index=True)
    code_id: int | None = Field(default=None, foreign_key="code.id")
    number: float | None = None
    text: str | None = None
    nothing_applies: bool = False


class StandingDecision(Table, table=True):
    """Which decision of a variable of a post stands now."""

    post_id: int = Field(primary_key=True, foreign_key="post.id", sa_column_kwargs={"autoincrement": False})
    variable_id: int = Field(
        primary_key=True, foreign_key="variable.id", sa_column_kwargs={"autoincrement": False}
    )
    project_id: int = Field(foreign_key="project.id", index=True)
    decision_id: int = Field(foreign_key="decision.id")


class DeskSettings(Table, table=True):
    """What the lead has settled about deciding; a project without a row has the usual settings."""

    project_id: int = Field(
        primary_key=True, foreign_key="project.id", sa_column_kwargs={"autoincrement": False}
    )
    reasons: str = Field(default="optional", description="optional, overruling (a majority) or always")
    adjudicators: list[int] = Field(
        default_factory=list, sa_type=JSON, description="The ids of the members among whom posts are shared"
    )
    splits: bool = Field(default=False, description="Whether each post belongs to one of them")
    double_percent: int = Field(default=0, description="So many of a hundred posts two of them decide")
    seed: str = Field(default="1", description="What the shares are drawn with")


class PostTaken(Table, table=True):
    """A post that one of the adjudicators took over from another."""

    post_id: int = Field(primary_key=True, foreign_key="post.id", sa_column_kwargs={"autoincrement": False})
    project_id: int = Field(foreign_key="project.id", index=True)
    member_id: int = Field(foreign_key="member.id")
    taken_at: datetime = Field(sa_type=UtcDateTime)


class SecondDecision(Table, table=True):
    """What a second adjudicator decided without seeing the first decision, beside which it is kept.

    It never stands. Where the two are not alike, the question is open until it is settled.
    """

    decision_id: int = Field(
        primary_key=True, foreign_key="decision.id", sa_column_kwargs={"autoincrement": False}
    )
    first_id: int = Field(foreign_key="decision.id", index=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    variable_id: int = Field(foreign_key="variable.id")
    is_alike: bool


class Meeting(Table, table=True):
    """People who decide together at one screen."""

    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    number: int
    begun_by: int = Field(foreign_key="account.id")
    begun_at: datetime = Field(sa_type=UtcDateTime)


class MeetingMember(Table, table=True):
    """A member who is present at a meeting."""

    meeting_id: int = Field(
        primary_key=True, foreign_key="meeting.id", sa_column_kwargs={"autoincrement": False}
    )
    member_id: int = Field(
        primary_key=True, foreign_key="member.id", sa_column_kwargs={"autoincrement": False}
    )


class MeetingDecision(Table, table=True):
    """A decision that a meeting took; whoever was present took part in it."""

    decision_id: int = Field(
        primary_key=True, foreign_key="decision.id", sa_column_kwargs={"autoincrement": False}
    )
    meeting_id: int = Field(foreign_key="meeting.id", index=True)


class CodebookProblem(Table, table=True):
    """Something that a reviewer found unclear in the codebook, at a post, for one of the next versions."""

    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    number: int
    post_id: int = Field(foreign_key="post.id", index=True)
    variable_id: int = Field(foreign_key="variable.id")
    code_id: int | None = Field(default=None, foreign_key="code.id")
    note: str
    noted_by: int | None = Field(default=None, foreign_key="account.id")
    noted_at: datetime = Field(sa_type=UtcDateTime)
    dealt_with_in: int | None = Field(default=None, description="The number of a version of the codebook")
    dealt_with_by: int | None = Field(default=None, foreign_key="account.id")
    dealt_with_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

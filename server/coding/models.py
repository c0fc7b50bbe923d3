"""Tables of what annotators submit. Codings are append-only: a correction is a new revision."""

from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class Draft(Table, table=True):
    """What an annotator has typed but not submitted."""

    assignment_id: int = Field(
        primary_key=True, foreign_key="assignment.id", sa_column_kwargs={"autoincrement": False}
    )
    typed: dict[str, list[str]] = Field(sa_type=JSON, description="The form's fields as they were typed")
    saved_at: datetime = Field(sa_type=UtcDateTime)


class Coding(Table, table=True):
    """One submission. The current one is named by `Assignment.coding_id`."""

    __table_args__ = (
        UniqueConstraint("assignment_id", "revision"),
        # The few among many that leads and reviewers ask for.
        Index(
            "ix_coding_unsure",
            "assignment_id",
            sqlite_where=text("is_unsure = 1"),
            postgresql_where=text("is_unsure"),
        ),
        Index("ix_coding_memo", "id", sqlite_where=text("memo != ''"), postgresql_where=text("memo != ''")),
    )

    id: int | None = Field(default=None, primary_key=True)
    assignment_id: int = Field(foreign_key="assignment.id")
    revision: int = Field(description="1 for the first submission")
    version_id: int = Field(foreign_key="codebook_version.id")
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    memo: str = ""
    reason: str = Field(default="", description="Why it corrects the revision before it, if that was said")
    is_unsure: bool = False
    form_token: str = Field(unique=True, description="The form it came from: a double click stores once")
    body_hash: str = Field(description="What that form said: another body under the same token is a conflict")


class CodingAnswer(Table, table=True):
    """One answer in a coding: a row for each code chosen, a number, a text, or "nothing applies".

    No row for a variable means that the question was not answered.
    """

    id: int | None = Field(default=None, primary_key=True)
    coding_id: int = Field(foreign_key="coding.id", index=True)
    variable_id: int = Field(foreign_key="variable.id")
    code_id: int | None = Field(default=None, foreign_key="code.id")
    number: float | None = None
    text: str | None = None
    nothing_applies: bool = False


class GoldShown(Table, table=True):
    """Which gold answers an annotator was shown after a submission, which is final from then on."""

    assignment_id: int = Field(
        primary_key=True, foreign_key="assignment.id", sa_column_kwargs={"autoincrement": False}
    )
    gold_id: int = Field(foreign_key="gold.id")


class CodingSpan(Table, table=True):
    """A passage of the post that is evidence for a chosen code; see `server.coding.spans`."""

    id: int | None = Field(default=None, primary_key=True)
    coding_id: int = Field(foreign_key="coding.id", index=True)
    variable_id: int = Field(foreign_key="variable.id")
    code_id: int = Field(foreign_key="code.id")
    start: int = Field(description="The first code point")
    end: int = Field(description="The code point after the last")


class SentBack(Table, table=True):
    """A coding that a reviewer gave back to its annotator with a note, to look at again.

    Its assignment is queued and keeps the coding; it is answered once the assignment is submitted anew.
    """

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    post_id: int = Field(foreign_key="post.id", index=True)
    assignment_id: int = Field(foreign_key="assignment.id", index=True)
    coding_id: int = Field(foreign_key="coding.id", index=True, description="What was given back")
    note: str
    sent_by: int = Field(foreign_key="account.id")
    sent_at: datetime = Field(sa_type=UtcDateTime)


class PostQuestion(Table, table=True):
    """What an annotator asks the lead about a post. The answer is for whoever asked, and for nobody else.

    `key` stands in addresses and cannot be guessed. `seen_at` is when the answer was marked as read.
    """

    __table_args__ = (Index("ix_post_question_of_member", "round_id", "member_id", "post_id"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    round_id: int = Field(foreign_key="round.id")
    post_id: int = Field(foreign_key="post.id")
    member_id: int = Field(foreign_key="member.id")
    asked: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answer: str = ""
    answered_by: int | None = Field(default=None, foreign_key="account.id")
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

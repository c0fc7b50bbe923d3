"""Tables of what follows reveal: comments, and second codings, which no figure of the study reads."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class PostComment(Table, table=True):
    """What somebody said about a post of a revealed round.

    Rows stay: one that its author took back has a moment and no text any more.
    """

    __table_args__ = (UniqueConstraint("round_id", "post_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    post_id: int = Field(foreign_key="post.id", index=True)
    number: int = Field(description="1 for the first comment on the post in the round")
    member_id: int = Field(foreign_key="member.id")
    text: str
    said_at: datetime = Field(sa_type=UtcDateTime)
    taken_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SecondsAsked(Table, table=True):
    """Whether second codings are asked for in a revealed round; a round without a row never asked."""

    round_id: int = Field(primary_key=True, foreign_key="round.id", sa_column_kwargs={"autoincrement": False})
    is_open: bool
    changed_by: int = Field(foreign_key="account.id")
    changed_at: datetime = Field(sa_type=UtcDateTime)


class SecondCoding(Table, table=True):
    """What an annotator answers after the discussion of a post; of several the last one counts.

    Append-only, and no kin of `Coding`: progress, agreement, decisions and results know nothing of it.
    """

    __table_args__ = (Index("ix_second_coding_of_member", "round_id", "post_id", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    post_id: int = Field(foreign_key="post.id")
    member_id: int = Field(foreign_key="member.id")
    version_id: int = Field(foreign_key="codebook_version.id")
    submitted_at: datetime = Field(sa_type=UtcDateTime)


class SecondAnswer(Table, table=True):
    """One answer of a second coding, shaped like a `CodingAnswer`."""

    id: int | None = Field(default=None, primary_key=True)
    second_coding_id: int = Field(foreign_key="second_coding.id", index=True)
    variable_id: int = Field(foreign_key="variable.id")
    code_id: int | None = Field(default=None, foreign_key="code.id")
    number: float | None = None
    text: str | None = None
    nothing_applies: bool = False

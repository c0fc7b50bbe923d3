"""Tables of gold answers. Append-only: another answer or note is a new edition, and what was shown stays."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime


class Gold(Table, table=True):
    """One edition of an expert's answers to a post. The one that stands is named by `StandingGold`."""

    __table_args__ = (UniqueConstraint("post_id", "edition"),)

    id: int | None = Field(default=None, primary_key=True)
    post_id: int = Field(foreign_key="post.id")
    edition: int = Field(description="1 for the first")
    version_id: int = Field(foreign_key="codebook_version.id", description="The codebook it answers")
    note: str = Field(default="", description="Why these are the answers, as trainees read it")
    written_by: int = Field(foreign_key="account.id")
    written_at: datetime = Field(sa_type=UtcDateTime)


class GoldAnswer(Table, table=True):
    """One answer of an edition, as `CodingAnswer` is one of a coding."""

    id: int | None = Field(default=None, primary_key=True)
    gold_id: int = Field(foreign_key="gold.id", index=True)
    variable_id: int = Field(foreign_key="variable.id")
    code_id: int | None = Field(default=None, foreign_key="code.id")
    number: float | None = None
    text: str | None = None
    nothing_applies: bool = False


class StandingGold(Table, table=True):
    """The edition of a post's gold that stands. Retired gold is handed out in no further round."""

    post_id: int = Field(primary_key=True, foreign_key="post.id", sa_column_kwargs={"autoincrement": False})
    project_id: int = Field(foreign_key="project.id", index=True)
    gold_id: int = Field(foreign_key="gold.id")
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

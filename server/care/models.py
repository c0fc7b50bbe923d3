"""Tables of what a project, and each annotator in it, has settled about hurtful posts, pauses and speed."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from server.db.tables import Table, UtcDateTime

USUAL_PAUSE = 50
# What is hidden until it is opened: every post, or those with a topic.
ALL, WITH_TOPIC = "all", "topics"


class ProjectCare(Table, table=True):
    """What the lead has settled. A project without a row warns of nothing and hides nothing."""

    project_id: int = Field(
        primary_key=True, foreign_key="project.id", sa_column_kwargs={"autoincrement": False}
    )
    warning: str = Field(default="", description="Read before the first post")
    notice_mark: str = Field(
        default="", description="Changes with what is read before the first post; empty where nothing is"
    )
    topic_field: str | None = Field(default=None, description="The posts' extra field that holds topics")
    hides: str = Field(default="", description="Posts to hide until opened: none (empty), topics or all")
    pause_minutes: int = USUAL_PAUSE
    shows_author: bool = False
    timed_since: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Since when time a post is measured; None: it is not"
    )


class MemberCare(Table, table=True):
    """What an annotator has settled for themselves."""

    member_id: int = Field(
        primary_key=True, foreign_key="member.id", sa_column_kwargs={"autoincrement": False}
    )
    accepted_mark: str = Field(default="", description="The `notice_mark` of what they have read")
    always_hides: bool = False
    pause_minutes: int | None = Field(default=None, description="None: as the project; 0: never reminded")
    avoids_topics: bool = Field(default=False, description="Whether they have opted out of any topic")


class WarningTopic(Table, table=True):
    """A topic that posts may have. Topics are retired, never deleted."""

    __table_args__ = (UniqueConstraint("project_id", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    value: str = Field(description="What stands in the posts' field, in lower case")
    label: str
    position: int
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TopicOptOut(Table, table=True):
    """A topic that an annotator does not want to see."""

    member_id: int = Field(
        primary_key=True, foreign_key="member.id", sa_column_kwargs={"autoincrement": False}
    )
    topic_id: int = Field(
        primary_key=True,
        foreign_key="warning_topic.id",
        sa_column_kwargs={"autoincrement": False},
        index=True,
    )

"""What is settled about care, for the lead and for each annotator. Nobody reads another's choices here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, select
from sqlmodel import Session, col

from server.care.models import ALL, USUAL_PAUSE, MemberCare, ProjectCare, TopicOptOut, WarningTopic
from server.db.prepared import Prepared
from server.db.tables import sql_table
from server.projects.access import Access

care_table = sql_table(ProjectCare)
own_care_table = sql_table(MemberCare)
_topic_table = sql_table(WarningTopic)
_refused_table = sql_table(TopicOptOut)
_topic, _refused = _topic_table.c, _refused_table.c


@dataclass(frozen=True)
class Care:
    """What the lead has settled."""

    warning: str = ""
    notice_mark: str = ""
    topic_field: str | None = None
    hides: str = ""
    pause_minutes: int = USUAL_PAUSE
    shows_author: bool = False
    timed_since: datetime | None = None


@dataclass(frozen=True)
class OwnCare:
    """What an annotator has settled."""

    accepted_mark: str = ""
    always_hides: bool = False
    pause_minutes: int | None = None
    avoids_topics: bool = False


@dataclass(frozen=True)
class Topic:
    """A topic of the project. `is_refused`: the annotator who asks has opted out of it."""

    id: int
    value: str
    label: str
    is_offered: bool
    is_refused: bool


_topics = Prepared(
    select(_topic.id, _topic.value, _topic.label, _topic.retired_at, _refused.member_id)
    .outerjoin_from(
        _topic_table,
        _refused_table,
        and_(_refused.topic_id == _topic.id, _refused.member_id == bindparam("member_id")),
    )
    .where(_topic.project_id == bindparam("project_id"))
    .order_by(_topic.position, _topic.id)
)


def care_of(db: Session, project_id: int) -> Care:
    """What is settled in a project."""
    row = db.get(ProjectCare, project_id)
    if row is None:
        return Care()
    return Care(
        row.warning,
        row.notice_mark,
        row.topic_field,
        row.hides,
        row.pause_minutes,
        row.shows_author,
        row.timed_since,
    )


def timed_since(db: Session, project_id: int) -> datetime | None:
    """Since when the time for a post is measured in a project; None where it is not."""
    return care_of(db, project_id).timed_since


def own_care(db: Session, access: Access) -> OwnCare:
    """What the member who asks has settled."""
    row = db.get(MemberCare, access.member_id)
    if row is None:
        return OwnCare()
    return OwnCare(row.accepted_mark, row.always_hides, row.pause_minutes, row.avoids_topics)


def hides_all(db: Session, access: Access) -> bool:
    """Whether every post is hidden from this member until they open it."""
    return own_care(db, access).always_hides or care_of(db, access.project_id).hides == ALL


def must_read(db: Session, access: Access, mine: OwnCare) -> bool:
    """Whether there is something that a member has to read before their first post."""
    mark = care_of(db, access.project_id).notice_mark
    return bool(mark) and mark != mine.accepted_mark


def topics(connection: Connection, project_id: int, member_id: int) -> tuple[Topic, ...]:
    """Every topic of the project, in its order, as a member sees it."""
    rows = _topics.all(connection, {"project_id": project_id, "member_id": member_id})
    return tuple(
        Topic(row.id, row.value, row.label, row.retired_at is None, row.member_id is not None) for row in rows
    )


def refused_values(of: Collection[Topic]) -> frozenset[str]:
    """The topics the member does not want to see, as posts name them; retired ones, too."""
    return frozenset(topic.value for topic in of if topic.is_refused)


def n_refusing(db: Session, access: Access) -> dict[int, int]:
    """How many members have opted out of each topic: the number, and not who."""
    rows = db.execute(
        select(col(TopicOptOut.topic_id), func.count().label("n"))
        .join(WarningTopic, col(WarningTopic.id) == col(TopicOptOut.topic_id))
        .where(col(WarningTopic.project_id) == access.project_id)
        .group_by(col(TopicOptOut.topic_id))
    )
    return {row.topic_id: row.n for row in rows}

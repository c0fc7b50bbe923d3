"""How a post is laid before an annotator: read first what is to be read, hidden, left out, or as it is.

The annotator's page reads what it needs for this with its post, in `COLUMNS`; only for a post that names
topics, where these matter, is the database asked once more.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, null

from server.care.models import ALL, USUAL_PAUSE, WITH_TOPIC
from server.care.pauses import Stretch, minutes_to_say
from server.care.queries import Topic, care_table, own_care_table, topics
from server.care.topics import values_of
from server.clock import now
from server.projects.access import Access

_care, _own = care_table.c, own_care_table.c
COLUMNS = (
    _care.notice_mark,
    _care.topic_field,
    _care.hides,
    _care.pause_minutes,
    _own.accepted_mark,
    _own.always_hides,
    _own.pause_minutes.label("own_pause_minutes"),
    _own.avoids_topics,
)


def where_topics(extra: Any) -> Any:
    """The extra fields of a post, in a project whose posts name topics."""
    return case((_care.topic_field.is_not(None), extra), else_=null()).label("extra")


def where_shown(author: Any) -> Any:
    """The author of a post, in a project that shows them."""
    return case((_care.shows_author, author), else_=null()).label("author")


@dataclass(frozen=True)
class Shown:
    """How a post is laid before its annotator.

    `is_unread`: there is something to read before the first post. `is_hidden`: it is opened by hand.
    `is_refused`: it has a topic that they have opted out of. `topics` are the labels of those it has.
    `veils_others`: the posts around it, whose topics are not looked at, are opened by hand. `pause_after`:
    for how many minutes they have been coding, where that is to be said with this post.
    """

    is_unread: bool = False
    is_hidden: bool = False
    is_refused: bool = False
    topics: tuple[str, ...] = ()
    veils_others: bool = False
    pause_after: int | None = None


def shown(connection: Connection, access: Access, row: Any, stretch: Stretch) -> Shown:
    """How to show the post of a row that has `COLUMNS` and `extra`."""
    found = _topics_of(connection, access, row)
    hides_all = bool(row.always_hides) or row.hides == ALL
    usual = USUAL_PAUSE if row.pause_minutes is None else row.pause_minutes
    every = usual if row.own_pause_minutes is None else row.own_pause_minutes
    return Shown(
        is_unread=bool(row.notice_mark) and row.notice_mark != row.accepted_mark,
        is_hidden=hides_all or (row.hides == WITH_TOPIC and bool(found)) or _has_refused(found),
        is_refused=_has_refused(found),
        topics=tuple(topic.label for topic in found),
        veils_others=hides_all or bool(row.hides or row.avoids_topics),
        pause_after=minutes_to_say(stretch, every, now()),
    )


def _has_refused(found: tuple[Topic, ...]) -> bool:
    return any(topic.is_refused for topic in found)


def _topics_of(connection: Connection, access: Access, row: Any) -> tuple[Topic, ...]:
    """The topics that the post has, as far as it matters here."""
    values = values_of(row.extra, row.topic_field)
    if not values or not (row.hides or row.always_hides or row.avoids_topics):
        return ()
    return tuple(
        topic
        for topic in topics(connection, access.project_id, access.member_id)
        if topic.value in values and (topic.is_offered or topic.is_refused)
    )

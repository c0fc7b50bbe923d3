"""Where people write, and what is removed with what was coded and decided about a post.

A table with a text that people type, and one with a post in it, belongs here; a test holds this list against
the whole schema.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from server.adjudication.models import (
    CodebookProblem,
    Decision,
    DecisionAnswer,
    MeetingDecision,
    PostTaken,
    SecondDecision,
    StandingDecision,
)
from server.codebooks.models import CodebookVersion, CodeEntry, Variable, VariableEntry
from server.coding.models import (
    Coding,
    CodingAnswer,
    CodingSpan,
    Draft,
    GoldShown,
    PostQuestion,
    SentBack,
)
from server.db.tables import Table
from server.gold.models import Gold, GoldAnswer, StandingGold
from server.norming.models import PostComment, SecondAnswer, SecondCoding
from server.rounds.models import Assignment, Round, SilentGold

# A table and its texts.
Place = tuple[type[Table], tuple[str, ...]]

# Each row of these is about a post.
TEXTS: tuple[Place, ...] = (
    (Coding, ("memo", "reason")),
    (CodingAnswer, ("text",)),
    (Decision, ("reason",)),
    (DecisionAnswer, ("text",)),
    (SentBack, ("note",)),
    (PostQuestion, ("asked", "answer")),
    (PostComment, ("text",)),
    (SecondAnswer, ("text",)),
    (Gold, ("note",)),
    (GoldAnswer, ("text",)),
    (CodebookProblem, ("note",)),
    (Assignment, ("skip_reason",)),
)
ENTRIES: tuple[Place, ...] = (
    (CodeEntry, ("definition", "use_when", "avoid_when", "example", "counter_example")),
    (VariableEntry, ("hint",)),
    (CodebookVersion, ("note",)),
)
# In the order in which nothing is left that refers to what is removed before.
REMOVED: tuple[type[Table], ...] = (
    SecondAnswer,
    SecondCoding,
    PostComment,
    MeetingDecision,
    SecondDecision,
    StandingDecision,
    DecisionAnswer,
    Decision,
    PostTaken,
    CodebookProblem,
    SentBack,
    PostQuestion,
    CodingSpan,
    CodingAnswer,
    Coding,
    GoldShown,
    SilentGold,
    StandingGold,
    GoldAnswer,
    Gold,
)
# Typed, and never submitted: it goes in any case.
UNSENT: tuple[type[Table], ...] = (Draft,)


def about(table: type[Table], post_ids: Sequence[int]) -> Any:
    """The condition that a row of one of these tables is about one of the posts."""
    found: Any = table
    if hasattr(table, "post_id"):
        return found.post_id.in_(post_ids)
    column, ids = _LEADS[table]
    return getattr(found, column).in_(ids(post_ids))


def _assignments(post_ids: Sequence[int]) -> Select[Any]:
    return select(col(Assignment.id)).where(col(Assignment.post_id).in_(post_ids))


def _codings(post_ids: Sequence[int]) -> Select[Any]:
    return select(col(Coding.id)).where(col(Coding.assignment_id).in_(_assignments(post_ids)))


def _decisions(post_ids: Sequence[int]) -> Select[Any]:
    return select(col(Decision.id)).where(col(Decision.post_id).in_(post_ids))


def _gold(post_ids: Sequence[int]) -> Select[Any]:
    return select(col(Gold.id)).where(col(Gold.post_id).in_(post_ids))


def _seconds(post_ids: Sequence[int]) -> Select[Any]:
    return select(col(SecondCoding.id)).where(col(SecondCoding.post_id).in_(post_ids))


_LEADS: dict[type[Table], tuple[str, Any]] = {
    Coding: ("assignment_id", _assignments),
    CodingAnswer: ("coding_id", _codings),
    CodingSpan: ("coding_id", _codings),
    Draft: ("assignment_id", _assignments),
    GoldShown: ("assignment_id", _assignments),
    DecisionAnswer: ("decision_id", _decisions),
    MeetingDecision: ("decision_id", _decisions),
    GoldAnswer: ("gold_id", _gold),
    SecondAnswer: ("second_coding_id", _seconds),
}


def of_project(table: type[Table], project_id: int) -> Any:
    """The condition that a row of a table in which people write is one of a project."""
    found: Any = table
    if hasattr(table, "project_id"):
        return found.project_id == project_id
    column, of = next(way for way in _BELONGS if hasattr(table, way[0]))
    return getattr(found, column).in_(select(col(of.id)).where(col(of.project_id) == project_id))


# By lists that are short, and none of posts or of codings: these may be millions.
_BELONGS: tuple[tuple[str, Any], ...] = (
    ("version_id", CodebookVersion),
    ("variable_id", Variable),
    ("round_id", Round),
    ("decision_id", Decision),
)


# Tables whose files are written anew, since texts and authors were in them, and words that quote them.
SCRUBBED = (
    "post",
    "upload",
    "parcel_piece",
    "draft",
    *sorted({table.__tablename__ for table, _names in (*TEXTS, *ENTRIES)}),
)
# It is the largest as a rule, and only added to: it is one of them where a takedown erased something in it.
HISTORY = "history_event"

"""What the history says of codings and decisions."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from server.history.contents import Facts, Line, each_line, read
from server.history.models import HistoryEvent
from server.history.queries import EVENTS_AT_ONCE
from server.rebuilding.differences import what_of

TAKE_DOWN = "post.take_down"
_AT_ONCE = 500
_OF_POST = re.compile(r"round (\d+) post (\d+)")


class Place(NamedTuple):
    """Which revision of whose coding of which post in which round."""

    round: int
    post: int
    account_id: int | None
    revision: int


class Recorded(NamedTuple):
    """A line of the history, and in which event, by its sequence."""

    event: int
    line: Line


@dataclass(frozen=True)
class Fates:
    """What takedowns did: the numbers of posts whose codings went, and rows that were stated anew.

    In each event with one of the sequences `silenced`, one line went that told of any post and quoted these.
    """

    removed: frozenset[int]
    silenced: frozenset[int]
    restated: Mapping[tuple[str, int], Facts]


@dataclass(frozen=True)
class Earlier:
    """What is known of rows that were stored by events without contents.

    The places of codings; how many codings were imported into which round, at most; and how many decisions
    there can be, from and to.
    """

    places: set[Place]
    imported: Mapping[int, int]
    n_decisions: tuple[int, int]


def fates_of(db: Session, project_id: int) -> Fates:
    """What takedowns did to posts of the project."""
    removed: set[int] = set()
    silenced: set[int] = set()
    restated: dict[tuple[str, int], Facts] = {}
    statement = (
        select(col(HistoryEvent.details), col(HistoryEvent.contents))
        .where(col(HistoryEvent.chain) == project_id, col(HistoryEvent.action) == TAKE_DOWN)
        .order_by(col(HistoryEvent.sequence))
    )
    for details, contents in db.execute(statement):
        said = json.loads(details)
        if said.get("codings") == "removed":
            removed.update(said.get("posts", ()))
        silenced.update(said.get("events", ()))
        for each in read(contents):
            if each.said and (what := what_of(each.said)):
                restated[what, each.said[what]] = each.said
    return Fates(frozenset(removed), frozenset(silenced), restated)


def recorded_lines(db: Session, project_id: int) -> Iterator[Sequence[Recorded]]:
    """The lines of every event that holds rows it stored, some hundred lines at a time, oldest first."""
    every = _every_line(db, project_id)
    while some := tuple(islice(every, _AT_ONCE)):
        yield some


def _every_line(db: Session, project_id: int) -> Iterator[Recorded]:
    statement = (
        select(col(HistoryEvent.sequence), col(HistoryEvent.contents))
        .where(
            col(HistoryEvent.chain) == project_id,
            col(HistoryEvent.contents).is_not(None),
            col(HistoryEvent.action) != TAKE_DOWN,
        )
        .order_by(col(HistoryEvent.sequence))
    )
    with db.execute(statement.execution_options(yield_per=EVENTS_AT_ONCE)) as rows:
        for row in rows:
            yield from (Recorded(row.sequence, line) for line in each_line(row.contents))


def earlier(db: Session, project_id: int) -> Earlier:
    """What events say that were written before the history held rows, or that hold none."""
    statement = select(
        col(HistoryEvent.action),
        col(HistoryEvent.subject),
        col(HistoryEvent.actor_id),
        col(HistoryEvent.details),
    ).where(
        col(HistoryEvent.chain) == project_id,
        col(HistoryEvent.contents).is_(None),
        col(HistoryEvent.action).in_((*_ONE, *_IMPORTS, *_DECIDING)),
    )
    places: set[Place] = set()
    imported: dict[int, int] = {}
    low = high = 0
    for action, subject, actor_id, details in db.execute(statement):
        said = json.loads(details)
        if action in _ONE and (found := _OF_POST.fullmatch(subject)):
            places.add(Place(int(found[1]), int(found[2]), actor_id, said.get("revision", 1)))
        elif action in _IMPORTS:
            number = int(subject.removeprefix("round "))
            imported[number] = imported.get(number, 0) + said.get("codings", 0)
        fewest, most = _n_decisions(action, said)
        low, high = low + fewest, high + most
    return Earlier(places, imported, (low, high))


_ONE = ("coding.submit", "coding.correct")
_IMPORTS = ("ratings.import", "sample.fill")
_DECIDING = (
    "adjudication.decide",
    "adjudication.withdraw",
    "adjudication.accept",
    "adjudication.undo",
    "round.open_again",
)


def _n_decisions(action: str, said: Mapping[str, Any]) -> tuple[int, int]:
    """How many decisions an event without contents wrote, at least and at most."""
    if action == "sample.fill":
        n = said.get("decisions", 0)
        return n, n
    n = len(said.get("decided", ())) + len(said.get("withdrawn", ()))
    n += said.get("n_decisions", 0) + said.get("n_withdrawn", 0)
    # A second decision that is another one takes the first back.
    return n, 2 * n if said.get("is_second") else n

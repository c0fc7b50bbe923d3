"""Words that quote posts, taken out of whatever people wrote in the project."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select, update
from sqlmodel import Session, col

from server.adjudication.models import Decision, DecisionAnswer
from server.coding.models import Coding, CodingAnswer, Draft
from server.db.tables import Table
from server.rounds.models import Assignment, Round
from server.takedown.places import ENTRIES, TEXTS, Place, about, of_project, sql_of
from server.takedown.quoting import Quotes

# So many of the rows that are looked through are in memory at the same time.
_AT_ONCE = 1_000
# Which column names the coding or the decision that reads otherwise where a text of a table does.
_CODINGS: Mapping[type[Table], str] = {Coding: "id", CodingAnswer: "coding_id"}
_DECISIONS: Mapping[type[Table], str] = {Decision: "id", DecisionAnswer: "decision_id"}
# In the column of a text, what stands before the first of these is a key, and no word of anybody's.
_AFTER: Mapping[type[Table], str] = {Assignment: ": "}


@dataclass
class Silenced:
    """Out of how many texts something was taken, and the ids of the codings and decisions among these."""

    n_texts: int = 0
    codings: set[int] = field(default_factory=set)
    decisions: set[int] = field(default_factory=set)

    def note(self, table: type[Table], row: Any, n_texts: int) -> None:
        """Count what a row has lost, and which coding or decision with it."""
        self.n_texts += n_texts
        if table in _CODINGS:
            self.codings.add(getattr(row, _CODINGS[table]))
        if table in _DECISIONS:
            self.decisions.add(getattr(row, _DECISIONS[table]))


@dataclass(frozen=True)
class Quoted:
    """What is taken out: `near`, of what is written about the posts themselves, and `far`, of all else."""

    near: Quotes
    far: Quotes


class _Change(NamedTuple):
    """A row as it was, and all its texts as they are to be."""

    row: Any
    texts: dict[str, str | None]

    @property
    def n_texts(self) -> int:
        return sum(getattr(self.row, name) != text for name, text in self.texts.items())


def silence(db: Session, project_id: int, post_ids: list[int], quoted: Quoted, instead: str) -> Silenced:
    """Take the lines that quote the posts out of what people wrote, about these posts and anywhere else."""
    found = Silenced()
    for place in TEXTS:
        _rewrite(db, place, about(place[0], post_ids), quoted.near, instead, found)
    for place in (*TEXTS, *ENTRIES):
        _rewrite(db, place, of_project(place[0], project_id), quoted.far, instead, found)
    found.n_texts += _rewrite_drafts(db, project_id, quoted.far, instead)
    return found


def _rewrite(db: Session, place: Place, where: Any, quotes: Quotes, instead: str, found: Silenced) -> None:
    table, _names = place
    # Only what changes is held; the table is written to when all of it was read.
    changes = list(_changes(db, place, where, quotes, instead))
    if not changes:
        return
    rows = sql_of(table)
    values = [{"b_id": row.id, **texts} for row, texts in changes]
    db.execute(update(rows).where(rows.c.id == bindparam("b_id")), values)
    for change in changes:
        found.note(table, change.row, change.n_texts)


def _changes(db: Session, place: Place, where: Any, quotes: Quotes, instead: str) -> Iterator[_Change]:
    table, names = place
    rows = sql_of(table)
    owners = [each[table] for each in (_CODINGS, _DECISIONS) if table in each]
    columns = [rows.c[name] for name in dict.fromkeys(("id", *owners, *names))]
    has_words = or_(*(rows.c[name] != "" for name in names))
    statement = select(*columns).where(where, has_words).execution_options(yield_per=_AT_ONCE)
    for row in db.execute(statement):
        texts = {name: _without(getattr(row, name), quotes, instead, _AFTER.get(table)) for name in names}
        change = _Change(row, texts)
        if change.n_texts:
            yield change


def _without(text: str | None, quotes: Quotes, instead: str, after: str | None) -> str | None:
    """The text without what quotes; up to `after`, where it is named, the text stays."""
    if not text or not after:
        return text and quotes.without(text, instead)
    key, mark, words = text.partition(after)
    return f"{key}{mark}{quotes.without(words, instead)}"


def _rewrite_drafts(db: Session, project_id: int, quotes: Quotes, instead: str) -> int:
    """What is typed and not sent about other posts: in how many of these a line went."""
    rows = (
        select(col(Draft.assignment_id), col(Draft.typed))
        .join(Assignment, col(Assignment.id) == col(Draft.assignment_id))
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .where(col(Round.project_id) == project_id)
    )
    changes = [
        (assignment_id, left)
        for assignment_id, typed in db.execute(rows.execution_options(yield_per=_AT_ONCE))
        if (left := _typed_without(typed, quotes, instead)) != typed
    ]
    for assignment_id, left in changes:
        db.execute(update(Draft).where(col(Draft.assignment_id) == assignment_id).values(typed=left))
    return len(changes)


def _typed_without(typed: Mapping[str, list[str]], quotes: Quotes, instead: str) -> dict[str, list[str]]:
    return {name: [quotes.without(each, instead) for each in values] for name, values in typed.items()}

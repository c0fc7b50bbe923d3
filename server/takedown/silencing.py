"""Words that quote posts, taken out of whatever people wrote in the project."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, or_, select, update
from sqlalchemy import Table as SqlTable
from sqlmodel import Session

from server.adjudication.models import Decision, DecisionAnswer
from server.codebooks.editing import locked_draft
from server.coding.models import Coding, CodingAnswer
from server.db.tables import Table, sql_table
from server.rounds.models import Assignment
from server.takedown.places import ENTRIES, TEXTS, Place, about, of_project
from server.takedown.quoting import Quotes
from server.takedown.unsent import rewrite_drafts

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
    """A row as it was, and those of its texts that are to be others."""

    row: Any
    texts: dict[str, str | None]


def silence(db: Session, project_id: int, post_ids: list[int], quoted: Quoted, instead: str) -> Silenced:
    """Take the lines that quote the posts out of what people wrote, about these posts and anywhere else."""
    found = Silenced()
    for place in TEXTS:
        _rewrite(db, place, about(place[0], post_ids), quoted.near, instead, found)
    locked_draft(db, project_id)  # Whoever edits the codebook holds it before any entry, so we do, too.
    for place in (*TEXTS, *ENTRIES):
        _rewrite(db, place, of_project(place[0], project_id), quoted.far, instead, found)
    found.n_texts += rewrite_drafts(db, project_id, quoted.far, instead)
    return found


def _rewrite(db: Session, place: Place, where: Any, quotes: Quotes, instead: str, found: Silenced) -> None:
    """Change the texts that quote, as they are once nobody else can change them.

    Looking through a table takes its time, in which others go on writing on PostgreSQL. So the few rows in
    which something was found are held, in the order of their ids, and read again.
    """
    table, _names = place
    rows = sql_table(table)
    ids = sorted(change.row.id for change in _changes(db, place, _read(place, where), quotes, instead))
    for some in some_at_once(ids):
        held = _read(place, rows.c.id.in_(some)).order_by(rows.c.id).with_for_update(key_share=True)
        changes = list(_changes(db, place, held, quotes, instead))
        _write(db, rows, changes)
        for change in changes:
            found.note(table, change.row, len(change.texts))


def some_at_once(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids, so many at a time as are looked at together."""
    return (ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE))


def _read(place: Place, where: Any) -> Select[Any]:
    table, names = place
    rows = sql_table(table)
    owners = [each[table] for each in (_CODINGS, _DECISIONS) if table in each]
    columns = [rows.c[name] for name in dict.fromkeys(("id", *owners, *names))]
    return select(*columns).where(where, or_(*(rows.c[name] != "" for name in names)))


def _changes(
    db: Session, place: Place, statement: Select[Any], quotes: Quotes, instead: str
) -> Iterator[_Change]:
    table, names = place
    after = _AFTER.get(table)
    for row in db.execute(statement.execution_options(yield_per=_AT_ONCE)):
        said = {name: getattr(row, name) for name in names}
        left = {name: _without(text, quotes, instead, after) for name, text in said.items()}
        if left != said:
            yield _Change(row, {name: text for name, text in left.items() if text != said[name]})


def _write(db: Session, rows: SqlTable, changes: Sequence[_Change]) -> None:
    """Write the texts that are others, and no column beside them."""
    by_names: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, texts in changes:
        by_names.setdefault(tuple(texts), []).append({"b_id": row.id, **texts})
    for values in by_names.values():
        db.execute(update(rows).where(rows.c.id == bindparam("b_id")), values)


def _without(text: str | None, quotes: Quotes, instead: str, after: str | None) -> str | None:
    """The text without what quotes; up to `after`, where it is named, the text stays."""
    if not text or not after:
        return text and quotes.without(text, instead)
    key, mark, words = text.partition(after)
    return f"{key}{mark}{quotes.without(words, instead)}"

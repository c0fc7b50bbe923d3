"""Words that quote posts, taken out of what annotators typed and did not send."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select, update
from sqlmodel import Session, col

from server.codebooks.models import Variable, VariableEntry
from server.coding.models import Draft
from server.coding.questions import CHOICES, answer_name, none_name
from server.coding.spans import span_name
from server.rounds.models import Assignment, Round
from server.takedown.quoting import Quotes

# So many of the drafts that are looked through are in memory at the same time.
_AT_ONCE = 1_000
# The field with the key of the reason for which a post is being skipped; the words have another one.
_WHY_SKIPPED = "reason"
Typed = Mapping[str, list[str]]


def rewrite_drafts(db: Session, project_id: int, quotes: Quotes, instead: str) -> int:
    """Take the lines that quote out of what is typed about other posts: in how many of these some went.

    Those in which something is found are held and read again, since drafts are saved all the time.
    """
    wordless = _wordless(db, project_id)
    found = _changes(db, _drafts(project_id), quotes, instead, wordless)
    n_changed = 0
    for assignment_id in sorted(assignment_id for assignment_id, _left in found):
        it = col(Draft.assignment_id) == assignment_id
        held = select(col(Draft.assignment_id), col(Draft.typed)).where(it).with_for_update(key_share=True)
        for _id, left in _changes(db, held, quotes, instead, wordless):
            db.execute(update(Draft).where(it).values(typed=left))
            n_changed += 1
    return n_changed


def _drafts(project_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(col(Draft.assignment_id), col(Draft.typed))
        .join(Assignment, col(Assignment.id) == col(Draft.assignment_id))
        .join(Round, col(Round.id) == col(Assignment.round_id))
        .where(col(Round.project_id) == project_id)
    )


def _wordless(db: Session, project_id: int) -> frozenset[str]:
    """The fields of the project's coding forms that hold keys: those of codes, and those of reasons."""
    of_project = select(col(Variable.key), col(VariableEntry.kind)).where(
        col(Variable.project_id) == project_id, col(VariableEntry.variable_id) == col(Variable.id)
    )
    kinds = db.execute(of_project.distinct()).all()
    keys = {key for key, _kind in kinds}
    chosen = {answer_name(key) for key, kind in kinds if kind in CHOICES}
    return frozenset({_WHY_SKIPPED, *chosen, *(name(key) for key in keys for name in (none_name, span_name))})


def _changes(
    db: Session, statement: Select[*tuple[Any, ...]], quotes: Quotes, instead: str, wordless: Collection[str]
) -> Iterator[tuple[int, Typed]]:
    for assignment_id, typed in db.execute(statement.execution_options(yield_per=_AT_ONCE)):
        left = _without(typed, quotes, instead, wordless)
        if left != typed:
            yield assignment_id, left


def _without(typed: Typed, quotes: Quotes, instead: str, wordless: Collection[str]) -> Typed:
    return {
        name: values if name in wordless else [quotes.without(each, instead) for each in values]
        for name, values in typed.items()
    }

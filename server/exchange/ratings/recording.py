"""What the history holds of an import of ratings: every coding of its round, as it is stored."""

from collections.abc import Iterator
from typing import cast

from sqlalchemy import select
from sqlmodel import Session, col

from server.coding.models import Coding
from server.coding.recorded import Keys, keys_of, stored_codings
from server.history.actions import record
from server.history.contents import lines
from server.projects.access import Access
from server.rounds.models import Assignment, Round

# So many codings does one event hold, in some 1.5 MB: whoever checks the history reads a few at once.
CODINGS_OF_AN_EVENT = 5_000


def record_import(db: Session, access: Access, round_: Round, *, n_annotators: int, codebook: int) -> None:
    """Append the import of a round to the history: each event names how many codings it holds."""
    for contents in _contents(db, access, round_):
        record(
            db,
            project_id=access.project_id,
            actor_id=access.account_id,
            action="ratings.import",
            subject=f"round {round_.number}",
            details={"codings": len(contents), "annotators": n_annotators, "codebook": codebook},
            contents=contents,
        )


def _contents(db: Session, access: Access, round_: Round) -> Iterator[list[str]]:
    """The lines of each event: those of some codings, read as they are stored."""
    keys: Keys = keys_of(db, access.project_id)
    of_round = (
        select(col(Coding.id))
        .join(Assignment, col(Assignment.id) == col(Coding.assignment_id))
        .where(col(Assignment.round_id) == round_.id)
        .order_by(col(Coding.id))
    )
    ids = cast("list[int]", list(db.scalars(of_round)))
    for first in range(0, len(ids), CODINGS_OF_AN_EVENT):
        some = ids[first : first + CODINGS_OF_AN_EVENT]
        between = (col(Coding.id).between(some[0], some[-1]), col(Round.id) == round_.id)
        yield lines((row.post, row.facts) for row in stored_codings(db, keys, *between))

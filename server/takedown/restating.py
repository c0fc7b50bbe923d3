"""What the history has to say anew, since words that quoted a post were taken out of what people wrote."""

from collections.abc import Iterator

from sqlmodel import Session, col

from server.adjudication.models import Decision
from server.adjudication.recorded import stored_decisions
from server.coding.models import Coding
from server.coding.recorded import Stored, keys_of, stored_codings
from server.history.contents import lines
from server.takedown.silencing import Silenced, some_at_once


def restated(db: Session, project_id: int, silenced: Silenced) -> list[str]:
    """The lines of the history for the codings and decisions that something was taken out of."""
    return lines((row.post, row.facts) for row in _rows(db, project_id, silenced))


def _rows(db: Session, project_id: int, silenced: Silenced) -> Iterator[Stored]:
    keys = keys_of(db, project_id)
    for some in some_at_once(sorted(silenced.codings)):
        yield from stored_codings(db, keys, col(Coding.id).in_(some))
    for some in some_at_once(sorted(silenced.decisions)):
        yield from stored_decisions(db, keys, col(Decision.id).in_(some))

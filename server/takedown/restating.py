"""What the history has to say anew, since words that quoted a post were taken out of what people wrote."""

from collections.abc import Iterator, Sequence

from sqlmodel import Session, col

from server.adjudication.models import Decision
from server.adjudication.recorded import stored_decisions
from server.coding.recorded import Stored, keys_of, stored_codings
from server.history.contents import lines
from server.rounds.models import Assignment

_Rows = dict[tuple[str, int], Stored]


class Restated:
    """The codings and decisions about posts that are other ones at the end of a block than at its beginning.

    `lines` are theirs for the history, once the block is over; rows that are gone have none.
    """

    def __init__(self, db: Session, project_id: int, post_ids: Sequence[int]) -> None:
        self._db, self._project_id, self._post_ids = db, project_id, post_ids
        self._before: _Rows = {}
        self.lines: list[str] = []

    def __enter__(self) -> "Restated":
        """Look at what is there."""
        self._before = dict(self._rows())
        return self

    def __exit__(self, error: type[BaseException] | None, *_more: object) -> None:
        """Look at what is different; after an error nothing is kept anyway."""
        if error is None:
            changed = [row for key, row in self._rows() if row != self._before[key]]
            self.lines = lines((row.post, row.facts) for row in changed)

    def _rows(self) -> Iterator[tuple[tuple[str, int], Stored]]:
        keys = keys_of(self._db, self._project_id)
        of_posts = col(Assignment.post_id).in_(self._post_ids)
        for row in stored_codings(self._db, keys, of_posts):
            yield ("coding", row.id), row
        for row in stored_decisions(self._db, keys, col(Decision.post_id).in_(self._post_ids)):
            yield ("decision", row.id), row

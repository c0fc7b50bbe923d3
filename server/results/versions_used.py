"""Under which versions of the codebook each post was coded."""

import numpy as np
from sqlmodel import Session

from server.codebooks.queries import codebook
from server.results.queries import Scope
from server.results.tallies import FinalSlice


class VersionsUsed:
    """The versions of the rounds that count, to be looked up for slices of posts."""

    def __init__(self, db: Session, scope: Scope) -> None:
        self._rounds: dict[int, list[int]] = {}
        for round_id, version_id in scope.rounds.items():
            self._rounds.setdefault(codebook(db, version_id).number, []).append(round_id)

    def of(self, part: FinalSlice) -> list[str | None]:
        """The numbers of the versions for each post, such as `1 2`; None where nobody coded it."""
        said = np.full(len(part.posts), "", dtype=object)
        for number in sorted(self._rounds):
            is_of = np.zeros(len(part.posts), dtype=np.bool_)
            is_of[part.ballots.post[np.isin(part.ballots.round, self._rounds[number])]] = True
            said[is_of] += f" {number}"
        return [numbers[1:] or None for numbers in said.tolist()]

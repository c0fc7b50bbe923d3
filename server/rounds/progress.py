"""How far an annotator or a round is, from its counters."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How much of what was assigned is done. A skipped post is done, too.

    Of a shared queue `n_assigned` are all codings that it wants: others get what was skipped.
    """

    n_assigned: int
    n_submitted: int
    n_skipped: int
    n_extra: int = 0
    is_shared: bool = False

    @property
    def n_done(self) -> int:
        """Submitted or skipped."""
        return self.n_submitted - self.n_extra if self.is_shared else self.n_submitted + self.n_skipped

    @property
    def n_left(self) -> int:
        """Still to be coded."""
        return self.n_assigned - self.n_done

    @property
    def share(self) -> float | None:
        """The part that is done; None where nothing is assigned."""
        return self.n_done / self.n_assigned if self.n_assigned else None

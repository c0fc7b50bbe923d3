"""How many rows of a file become what: all of an import that is told afterwards."""

from dataclasses import asdict, dataclass

from server.corpora.planning import ImportPlan


@dataclass(frozen=True)
class Counts:
    """Posts and rows by what becomes of them, as in the plan."""

    new: int = 0
    unchanged: int = 0
    changed: int = 0
    locked: int = 0
    taken_down: int = 0
    duplicates: int = 0
    refused: int = 0
    left_out: int = 0
    alike: int = 0
    dropped: int = 0
    undrawn: int = 0

    @property
    def changes_nothing(self) -> bool:
        """Whether the project is left as it is."""
        return not self.new and not self.changed

    @property
    def stored(self) -> dict[str, int]:
        """As they are kept."""
        return asdict(self)


def counts_of(plan: ImportPlan) -> Counts:
    """The counts of a plan."""
    return Counts(
        new=len(plan.new),
        unchanged=len(plan.unchanged),
        changed=len(plan.changed),
        locked=len(plan.locked),
        taken_down=len(plan.taken_down),
        duplicates=len(plan.duplicates),
        refused=len(plan.refused),
        left_out=len(plan.left_out),
        alike=len(plan.alike),
        dropped=plan.n_dropped,
        undrawn=plan.n_undrawn,
    )

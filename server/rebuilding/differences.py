"""What can differ between the history and what is stored. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# So many differences are named; the others are counted.
NAMED = 50
CODING, DECISION = "coding", "decision"
# What a row is known by, and what is not compared by its name.
_NOT_NAMED = frozenset({CODING, DECISION, "salt"})


class Kind(StrEnum):
    """In which way a row is not what was recorded."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    ERASED = "erased"
    NOT_ERASED = "not erased"
    NOT_CURRENT = "not current"
    NOT_COUNTED = "not counted"


@dataclass(frozen=True)
class Difference:
    """One of them: of a coding or a decision, about which post, in which round, by which account.

    `fields`: what differs: keys of questions, and names such as `memo`. Several rows of which only the number
    is known have no post.
    """

    kind: Kind
    what: str
    post: int | None
    round: int | None = None
    account_id: int | None = None
    fields: tuple[str, ...] = ()


@dataclass
class Rebuilt:
    """What came of it. `n_codings` and `n_decisions` were rebuilt and are equal to what is stored.

    Of those `before` the history is known that they were stored, and not what they say. `n_erased` lines of
    the history went with posts that were taken down.
    """

    n_codings: int = 0
    n_decisions: int = 0
    n_codings_before: int = 0
    n_decisions_before: int = 0
    n_erased: int = 0
    n_differences: int = 0
    named: list[Difference] = field(default_factory=list)

    def differ(self, found: Difference) -> None:
        """Count a difference, and name it where not too many are named already."""
        self.n_differences += 1
        if len(self.named) < NAMED:
            self.named.append(found)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say: no coding, no decision, and none that should be there."""
        return self == Rebuilt()

    def add(self, other: "Rebuilt") -> None:
        """Count what came of another project, too; what differs there is named by itself."""
        self.n_codings += other.n_codings
        self.n_decisions += other.n_decisions
        self.n_codings_before += other.n_codings_before
        self.n_decisions_before += other.n_decisions_before
        self.n_erased += other.n_erased
        self.n_differences += other.n_differences

    def agree(self, what: str) -> None:
        """Count a row that is as it was recorded."""
        if what == CODING:
            self.n_codings += 1
        else:
            self.n_decisions += 1


def what_of(recorded: Mapping[str, Any]) -> str:
    """What a line of the history is about: a coding, a decision, or nothing that is stored."""
    return next((what for what in (CODING, DECISION) if isinstance(recorded.get(what), int)), "")


def about(
    kind: Kind, what: str, post: int, said: Mapping[str, Any], fields: tuple[str, ...] = ()
) -> Difference:
    """A difference about the row that the history or the database describes so."""
    account = said.get("annotator") if what == CODING else said.get("by")
    return Difference(kind, what, post, said.get("round"), account, fields)


def differing(recorded: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of what is not alike; answers by the keys of their questions."""
    return tuple(dict.fromkeys(_differing(recorded, stored)))


def _differing(recorded: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(recorded.keys() | stored.keys()):
        mine, theirs = recorded.get(name), stored.get(name)
        if mine == theirs:
            continue
        if isinstance(mine, dict) and isinstance(theirs, dict) and name == "answers":
            yield from (
                key for key in sorted(mine.keys() | theirs.keys()) if mine.get(key) != theirs.get(key)
            )
        elif name not in _NOT_NAMED:
            yield name

"""The final values of all posts, variable by variable: what every estimate begins with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from server.codebooks.queries import VariableInfo
from server.coding.conditions import asked_only_if
from server.projects.access import Access
from server.results.choices import Denominator
from server.results.conditional import Final
from server.results.estimating import Authors
from server.results.outcomes import Bases, Basis, Counts, Flags, Rule, has_value
from server.results.queries import PostMark, Scope
from server.results.tallies import FinalSlice, final_slices, joined


@dataclass(frozen=True)
class Finals:
    """The final values of all posts, by variable, in the order of the posts' numbers.

    `numbers` are these (posts,), `fractions` the chance that each had to be drawn at its import, 1 where all
    came (posts,).
    """

    authors: Authors
    of: tuple[tuple[VariableInfo, Final], ...]
    numbers: Counts
    fractions: NDArray[np.float64]
    n_annotators: int
    n_double_coded: int

    @property
    def is_coded(self) -> Flags:
        """Which posts have a coding or a decision on anything (posts,)."""
        coded = [final.values.is_coded for _variable, final in self.of]
        return np.logical_or.reduce(coded) if coded else np.zeros(self.authors.n_posts, dtype=np.bool_)

    @property
    def has_unequal_chances(self) -> bool:
        """Whether some posts were more likely than others to be drawn at their import."""
        return bool(np.ptp(self.fractions)) if self.fractions.size else False

    @property
    def n_unresolved(self) -> int:
        """Posts with an unresolved variable, free text apart."""
        found = [final.values.is_unresolved for variable, final in self.of if variable.kind != "text"]
        return int(np.logical_or.reduce(found).sum()) if found else 0

    def only_if(self, of: VariableInfo) -> str:
        """The condition of a variable in words; empty where it is asked of every post."""
        return asked_only_if([variable for variable, _final in self.of], of)

    def within(self, basis: Bases, denominator: Denominator) -> Flags:
        """Of which posts a share is whose values rest on `basis`, both (posts,)."""
        if denominator is Denominator.ASKED:
            return has_value(basis)
        if denominator is Denominator.CODED:
            return self.is_coded
        return np.ones(len(basis), dtype=np.bool_)


def is_open(basis: Bases) -> Flags:
    """Which posts may still come to carry a code: unresolved, or not coded though the question is asked."""
    return np.asarray((basis == Basis.UNRESOLVED) | (basis == Basis.NOT_CODED))


def read_finals(
    db: Session, access: Access, scope: Scope, asked: Sequence[VariableInfo], rule: Rule
) -> Finals:
    """The final values of the questions `asked` as this reader may see them."""
    return finals_of(final_slices(db, access, scope, asked, rule), asked)


def finals_of(slices: Iterable[FinalSlice], asked: Sequence[VariableInfo]) -> Finals:
    """The final values of all slices of posts."""
    parts: dict[int, list[Final]] = {variable.id: [] for variable in asked}
    posts: list[PostMark] = []
    annotators: set[int] = set()
    n_double_coded = 0
    for part in slices:
        posts.extend(part.posts)
        annotators.update(np.unique(part.ballots.member).tolist())
        n_double_coded += part.n_double_coded
        for variable_id, final in part.finals.items():
            parts[variable_id].append(final)
    of = tuple((variable, joined(parts[variable.id])) for variable in asked) if posts else ()
    return Finals(
        Authors([post.author for post in posts]),
        of,
        np.array([post.number for post in posts], dtype=np.int64),
        np.array([post.sampling_fraction or 1.0 for post in posts]),
        len(annotators),
        n_double_coded,
    )


def needed_for(all_: Sequence[VariableInfo], wanted: Sequence[VariableInfo]) -> list[VariableInfo]:
    """The questions `wanted`, and those that decide whether these are asked, in the codebook's order."""
    ids = {variable.id for variable in wanted}
    for variable in reversed(all_):
        if variable.id in ids:
            ids.update(condition.on_id for condition in variable.when)
    return [variable for variable in all_ if variable.id in ids]

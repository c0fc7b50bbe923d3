"""A sample of the posts of a file, with the chance that each of them had: pure, and the same for a seed."""

from array import array
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Drawn:
    """The places of the posts that were drawn, ascending, and the chance that each had.

    `strata` are the groups that were drawn from on their own, with how many were drawn of how many.
    """

    places: Sequence[int]
    fractions: Sequence[float]
    strata: dict[Hashable, tuple[int, int]]


def draw(groups: Sequence[Hashable], size: int, seed: int) -> Drawn:
    """So many posts of each group, or all of it where it has fewer."""
    members: dict[Hashable, array[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, array("q")).append(place)
    chance = np.random.default_rng(seed)
    chosen: list[tuple[int, float]] = []
    strata: dict[Hashable, tuple[int, int]] = {}
    for group, places in members.items():
        taken = min(size, len(places))
        drawn = chance.choice(np.asarray(places), size=taken, replace=False)
        chosen += [(int(place), taken / len(places)) for place in drawn]
        strata[group] = (taken, len(places))
    chosen.sort()
    return Drawn(
        array("q", (place for place, _fraction in chosen)),
        array("d", (fraction for _place, fraction in chosen)),
        strata,
    )

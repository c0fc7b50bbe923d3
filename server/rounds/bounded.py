"""Sharing out posts among annotators who may not code just any of them, or not many.

Posts that the same annotators may code, equally often, are of one kind. How many of each kind an annotator
gets is a flow through a graph of kinds and annotators: it is the largest there is, so that what is missing is
missing in every plan, and it is evened out until no exchange makes the loads more even. All arithmetic is on
integers, so that a plan comes out the same on every machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from server.rounds.blocks import Integers


@dataclass(frozen=True, eq=False)
class Kind:
    """Posts of one kind: their places, how many annotators each gets, and who may code them."""

    posts: Integers
    depth: int
    who: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Shares:
    """How many posts of each kind (rows) each annotator gets, and how many codings nobody can make."""

    counts: list[list[int]]
    missing: int


def shares(kinds: Sequence[Kind], quotas: Sequence[int]) -> Shares:
    """As many codings as there can be, as evenly as they can be; `quotas` are the most of each annotator."""
    flow = _Flow(kinds, quotas)
    for kind in sorted(range(len(kinds)), key=lambda each: (len(kinds[each].who), each)):
        flow.fill(kind)
    missing = sum(flow.complete(kind) for kind in range(len(kinds)))
    flow.level()
    return Shares(flow.counts, missing)


class _Flow:
    """The counts while they are worked on. A way leads from annotator to annotator, each step by a kind."""

    def __init__(self, kinds: Sequence[Kind], quotas: Sequence[int]) -> None:
        self.kinds, self.quotas = kinds, list(quotas)
        self.sizes = [int(kind.posts.size) for kind in kinds]
        self.needs = [kind.depth * size for kind, size in zip(kinds, self.sizes, strict=True)]
        self.counts = [[0] * len(quotas) for _ in kinds]
        self.loads = [0] * len(quotas)

    def fill(self, kind: int) -> None:
        """Give a kind to those who may code it and have least, until no one of them can take more."""
        while self.needs[kind]:
            free = [each for each in self.kinds[kind].who if self._room(kind, each)]
            if not free:
                return
            least = min(free, key=lambda each: (self.loads[each], each))
            some = max(self.needs[kind] // len(free), 1)
            self._give(kind, least, min(some, self._room(kind, least)))

    def complete(self, kind: int) -> int:
        """Make room for what a kind still needs, by handing on others' posts; how much stays without."""
        while self.needs[kind]:
            begins = [each for each in self.kinds[kind].who if self._fits(kind, each)]
            way = self._way(begins, lambda each: self.loads[each] < self.quotas[each])
            if way is None:
                return self.needs[kind]
            first, last = way[0][0], way[-1][0]
            most = min(self._width(way), self.needs[kind], self.quotas[last] - self.loads[last])
            most = min(most, self._fits(kind, first))
            self._hand_on(way, most)
            self._give(kind, first, most)
        return 0

    def level(self) -> None:
        """Hand posts on from those who have more to those who have less, until nothing becomes more even."""
        while any(self._relieve(each) for each in sorted(range(len(self.loads)), key=self._by_load)):
            pass

    def _by_load(self, one: int) -> tuple[int, int]:
        return -self.loads[one], one

    def _relieve(self, one: int) -> bool:
        most = self.loads[one] - 2
        way = self._way([one], lambda each: self.loads[each] <= most and self.loads[each] < self.quotas[each])
        if way is None:
            return False
        last = way[-1][0]
        half = (self.loads[one] - self.loads[last]) // 2
        self._hand_on(way, min(self._width(way), half, self.quotas[last] - self.loads[last]))
        return True

    def _room(self, kind: int, one: int) -> int:
        return min(self._fits(kind, one), self.quotas[one] - self.loads[one], self.needs[kind])

    def _fits(self, kind: int, one: int) -> int:
        """How many posts of a kind somebody has not got yet: nobody codes a post twice."""
        return self.sizes[kind] - self.counts[kind][one]

    def _give(self, kind: int, one: int, n: int) -> None:
        self.counts[kind][one] += n
        self.loads[one] += n
        self.needs[kind] -= n

    def _way(self, begins: Sequence[int], is_end: Callable[[int], bool]) -> list[tuple[int, int]] | None:
        """The shortest way to somebody who can take a post, as pairs of annotator and the kind handed on."""
        came = dict.fromkeys(begins, (-1, -1))
        waiting = list(begins)
        for one in waiting:
            if is_end(one):
                return _back(came, one)
            for kind, counts in enumerate(self.counts):
                if counts[one]:
                    for other in self.kinds[kind].who:
                        if other not in came and self._fits(kind, other):
                            came[other] = (one, kind)
                            waiting.append(other)
        return None

    def _width(self, way: list[tuple[int, int]]) -> int:
        widths = [
            min(self.counts[kind][one], self._fits(kind, other))
            for (one, _by), (other, kind) in pairwise(way)
        ]
        return min(widths, default=max(self.sizes, default=0))

    def _hand_on(self, way: list[tuple[int, int]], n: int) -> None:
        for (one, _by), (other, kind) in pairwise(way):
            self.counts[kind][one] -= n
            self.counts[kind][other] += n
        self.loads[way[0][0]] -= n
        self.loads[way[-1][0]] += n


def _back(came: dict[int, tuple[int, int]], last: int) -> list[tuple[int, int]]:
    way = [(last, came[last][1])]
    while came[last][0] >= 0:
        last = came[last][0]
        way.append((last, came[last][1]))
    return way[::-1]


def seated(kind: Kind, counts: Sequence[int], words: NDArray[np.uint64], overlaps: Integers) -> Integers:
    """Who codes each post of a kind (n_posts × depth), everybody as often as `counts` says.

    Everybody's posts are spread over all of them; where that leaves a choice, those who met least go
    together, and the random `words` (one for each post and annotator) settle the rest. `overlaps` are
    counted on.
    """
    n, taken = int(kind.posts.size), [0] * len(counts)
    people = [one for one in kind.who if counts[one]]
    found = np.empty((n, kind.depth), dtype=np.int64)
    keys = words.reshape(n, -1)[:, : len(counts)].tolist()
    met = overlaps.tolist()
    for row in range(n):
        block = [one for one in people if counts[one] - taken[one] == n - row]
        ahead = {
            one: (taken[one] - counts[one] * (row + 1) // n)
            for one in people
            if counts[one] > taken[one] and one not in block
        }
        while len(block) < kind.depth:
            ties = keys[row]
            best = min(ahead, key=lambda one: (ahead[one], sum(met[one][each] for each in block), ties[one]))
            block.append(best)
            del ahead[best]
        for one in block:
            taken[one] += 1
            for other in block:
                if one != other:
                    met[one][other] += 1
        found[row] = sorted(block)
    overlaps[:] = met
    return found

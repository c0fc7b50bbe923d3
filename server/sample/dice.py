"""Chance that falls the same way for the same seed.

Built on `random.Random.random`, the one method whose sequence Python promises to keep.
"""

from collections.abc import Sequence
from random import Random
from statistics import NormalDist
from typing import TypeVar

Item = TypeVar("Item")

_NORMAL = NormalDist()


class Dice:
    """One stream of chance, named after what it decides so that streams do not disturb each other."""

    def __init__(self, seed: int, *name: object) -> None:
        # Chance for invented posts; nothing here has to be secret.
        self._random = Random(":".join(map(str, (seed, *name))))  # noqa: S311

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random.random() < probability

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1."""
        return int(self._random.random() * limit)

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`, all equally likely."""
        return low + (high - low) * self._random.random()

    def normal(self) -> float:
        """A number from the standard normal distribution."""
        return _NORMAL.inv_cdf(min(max(self._random.random(), 1e-12), 1 - 1e-12))

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[Item], weights: Sequence[float]) -> Item:
        """One of the items, each as likely as its weight says."""
        rest = self._random.random() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            rest -= weight
            if rest < 0:
                return item
        return items[-1]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """All items in random order."""
        return [
            item for _, item in sorted(((self._random.random(), n), item) for n, item in enumerate(items))
        ]

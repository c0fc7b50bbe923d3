"""What the codes of a variable mean as values: levels of measurement and their distances."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from server.agreement.arrays import FloatArray, IntArray, real_numbers
from server.agreement.weights import own_distances

# "own" is no level of Stevens': the distances of the categories are given.
Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio", "own"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True, eq=False)
class Scale:
    """The distinct values of a variable at a level of measurement.

    `values` (n_values) ascend; `place` (n_categories) is the value of each category, so that two codes with
    one value do not disagree. At the nominal level the values are just the categories' numbers.
    """

    level: Level
    values: FloatArray
    place: IntArray
    own_distances: FloatArray | None = None

    @classmethod
    def of_distances(cls, distances: ArrayLike, n_categories: int) -> "Scale":
        """Categories that are apart as a matrix of one's own says."""
        given = own_distances(distances, n_categories)
        return cls("own", np.arange(n_categories, dtype=np.float64), np.arange(n_categories), given)

    def distances(self) -> FloatArray:
        """Krippendorff's (2011, section D) squared differences δ² (n_values × n_values), up to a factor.

        A common factor cancels in alpha. The ordinal metric is not among them: it depends on how often
        each value was used, see `midranks`.
        """
        if self.own_distances is not None:
            return self.own_distances
        if self.level == "nominal":
            return 1.0 - np.eye(len(self.values))
        above, below = self.values[:, None], self.values[None, :]
        if self.level == "ratio":
            return np.square((above - below) / np.maximum(above + below, np.finfo(np.float64).tiny))
        return np.square(_unit_length(self.values)[:, None] - _unit_length(self.values)[None, :])

    def on_values(self, counts: IntArray) -> IntArray:
        """Counts by value (n × n_values) from counts by category (n × n_categories)."""
        merged = np.zeros((len(counts), len(self.values)), dtype=np.int64)
        np.add.at(merged.T, self.place, counts.T)
        return merged


def scale_of(values: Sequence[float | None] | None, level: Level, n_categories: int) -> Scale:
    """The scale of a variable whose categories have these numeric values, in the order of the columns.

    Raises:
        ValueError: A value is missing, not finite, or negative where zero is the least that can be.
    """
    if level not in LEVELS:
        raise ValueError(f"{level} is not a level of measurement: use {', '.join(LEVELS)}.")
    if level == "nominal":
        return Scale(level, np.arange(n_categories, dtype=np.float64), np.arange(n_categories))
    numbers = _numbers(values, level, n_categories)
    distinct, place = np.unique(numbers, return_inverse=True)
    return Scale(level, _squeezed(distinct) if level == "ratio" else distinct, place.reshape(-1))


def midranks(margins: FloatArray) -> FloatArray:
    """The middle of each value's ranks (n × n_values) among the codings that the margins count.

    Krippendorff's (2011, section D) ordinal δ² = (Σ n_g from c to k - (n_c + n_k)/2)² is the squared
    difference of these.
    """
    return np.asarray(np.cumsum(margins, axis=1) - margins / 2)


def _numbers(values: Sequence[float | None] | None, level: Level, n_categories: int) -> FloatArray:
    given = [None] * n_categories if values is None else list(values)
    if len(given) != n_categories:
        raise ValueError(f"There are {n_categories} categories and {len(given)} values.")
    missing = [place for place, value in enumerate(given) if value is None]
    if missing:
        raise ValueError(f"Category {missing[0]} has no numeric value, which the {level} level needs.")
    numbers = real_numbers(given, f"The values of the categories at the {level} level")
    if not np.isfinite(numbers).all():
        raise ValueError(f"The values of the categories must be finite numbers at the {level} level.")
    if level == "ratio" and (numbers < 0).any():
        raise ValueError("The ratio level knows no negative value.")
    return numbers


def _unit_length(values: FloatArray) -> FloatArray:
    """Values moved to 0…1, so that no square overflows."""
    # Halved first: the range of two huge values of opposite signs is itself too large.
    moved = values / 2 - values[0] / 2
    return np.asarray(moved / (moved[-1] or 1.0))


def _squeezed(values: FloatArray) -> FloatArray:
    """Values divided by the largest, so that no sum overflows."""
    return values / (values[-1] or 1.0)

"""A coefficient as a function of a few sums over the posts.

Posts are weighted (by how often they occur, or how often a resample drew them); a coefficient needs of the
weighted posts only some sums, such as how many codings gave each category. This one form serves the
estimate, the resamples and the influence of each post.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from server.agreement.arrays import BoolArray, FloatArray

# For each row of sums (or weights) one value, NaN where undefined.
Statistic: TypeAlias = Callable[[FloatArray], FloatArray]
# Σ o_ck δ²_ck, Σ n_c n_k δ²_ck and n of each weighting, from its sums.
AlphaParts: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]]

# Relative step of the numeric derivative: its square, and the rounding of a double over it, are both small.
STEP = 1e-5


class Weighable(Protocol):
    """A coefficient of some patterns, for any weighting of them."""

    def __call__(self, weights: FloatArray, /) -> FloatArray:
        """The coefficient for each weighting (n_weightings × n_patterns); NaN where undefined."""
        ...

    def influence(self, frequencies: FloatArray, /) -> FloatArray:
        """How a post of each pattern moves the coefficient (n_patterns); see `OfSums.influence`."""
        ...


@dataclass(frozen=True, eq=False)
class OfSums:
    """A statistic that needs no more of the weights than some sums: `of(weights @ columns)`.

    `columns` is (n_patterns × n_sums). `of` takes sums (n × n_sums) and gives n values, NaN where undefined.
    `limit` is what `of` tends to when posts become many, for coefficients with a small-sample correction:
    influence is a matter of the limit. It depends on the proportions of the sums alone.
    """

    columns: FloatArray
    of: Statistic
    limit: Statistic | None = None

    def __call__(self, weights: FloatArray) -> FloatArray:
        """The statistic for each weighting (n_weightings × n_patterns)."""
        return self.of(weights @ self.columns)

    def influence(self, frequencies: FloatArray) -> FloatArray:
        """How much the statistic would change, per share of posts, if a post of each pattern were added.

        The influence function (Hampel 1974, JASA 69:383-393) at the data, as the derivative of the limit by
        each sum times what a post adds to it; over the posts it sums to zero. (n_patterns), NaN where the
        statistic is undefined.
        """
        sums = frequencies @ self.columns
        return np.asarray(frequencies.sum() * (self.columns @ self._gradient(sums)))

    def _gradient(self, sums: FloatArray) -> FloatArray:
        """The derivative by each sum; a sum that is zero has no post that could change it."""
        steps = STEP * np.abs(sums)
        moved = np.flatnonzero(steps)
        step = np.zeros((len(moved), len(sums)))
        step[np.arange(len(moved)), moved] = steps[moved]
        values = (self.limit or self.of)(np.concatenate([sums + step, sums - step]))
        gradient = np.zeros(len(sums))
        gradient[moved] = (values[: len(moved)] - values[len(moved) :]) / (2 * steps[moved])
        return gradient


def alpha_of(columns: FloatArray, parts: AlphaParts) -> OfSums:
    """Krippendorff's alpha as a function of sums."""

    def of(sums: FloatArray) -> FloatArray:
        return alpha(*parts(sums))

    def limit(sums: FloatArray) -> FloatArray:
        observed, expected, codings = parts(sums)
        return alpha(observed, expected, codings + 1)

    return OfSums(columns, of, limit)


def alpha(observed: FloatArray, expected: FloatArray, codings: FloatArray) -> FloatArray:
    """Alpha from Σ o_ck δ²_ck, Σ n_c n_k δ²_ck and n; undefined where nothing differs.

    In the limit of many posts n - 1 is n: give one more.
    """
    return 1 - ratio((codings - 1) * observed, expected, expected > 0)


def ratio(above: FloatArray, below: FloatArray, defined: BoolArray) -> FloatArray:
    """`above / below`, NaN where undefined."""
    answer = np.full(len(above), np.nan)
    np.divide(above, below, out=answer, where=defined)
    return answer

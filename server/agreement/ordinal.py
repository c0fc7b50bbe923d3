"""Krippendorff's alpha at the ordinal level, where each weighting of the posts has distances of its own.

δ² of two values is the squared difference of their midranks among all pairable codings (Krippendorff 2011,
section D), so that resampling the posts changes the distances, too.
"""

from dataclasses import dataclass

import numpy as np

from server.agreement.arrays import FloatArray
from server.agreement.scales import midranks
from server.agreement.statistics import STEP, OfSums, alpha, alpha_of

# With more values than these, the pairs of values that can meet are more than is good to hold.
_FEW_VALUES = 32


def ordinal_alpha(counts: FloatArray, per_partner: FloatArray) -> "OfSums | MidrankAlpha":
    """Alpha of pairable posts with `counts` (n_patterns × n_values) of the values in ascending order.

    `per_partner` (n_patterns) is 1 / (m - 1) for posts of m codings.
    """
    if counts.shape[1] > _FEW_VALUES:
        return MidrankAlpha(counts, per_partner)
    low, high = np.triu_indices(counts.shape[1], 1)
    met = counts[:, low] * counts[:, high] * per_partner[:, None]

    def parts(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        together, margins = sums[:, : len(low)], sums[:, len(low) :]
        ranks = midranks(margins)
        distance = np.square(ranks[:, high] - ranks[:, low])
        expected = margins[:, low] * margins[:, high] * distance
        return 2 * (together * distance).sum(axis=1), 2 * expected.sum(axis=1), margins.sum(axis=1)

    return alpha_of(np.column_stack([met, counts]), parts)


@dataclass(frozen=True, eq=False)
class MidrankAlpha:
    """The same for any number of values: Σ n_c n_k (r_c - r_k)² = 2 (m Σ n_c r_c² - (Σ n_c r_c)²)."""

    counts: FloatArray
    per_partner: FloatArray

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Alpha for each weighting (n_weightings × n_patterns)."""
        margins = weights @ self.counts
        ranks = midranks(margins)
        return alpha(
            (weights * self._within(ranks)).sum(axis=1), _between(margins, ranks), margins.sum(axis=1)
        )

    def influence(self, frequencies: FloatArray) -> FloatArray:
        """As `OfSums.influence`: what a post adds to the disagreement seen, and by the margins it moves."""
        margins = (frequencies @ self.counts)[None, :]
        ranks = midranks(margins)
        expected, codings = _between(margins, ranks)[0], margins.sum()
        if expected == 0:
            return np.full(len(frequencies), np.nan)
        seen = -codings * self._within(ranks)[0] / expected
        return np.asarray(frequencies.sum() * (seen + self.counts @ self._gradient(frequencies, margins[0])))

    def _gradient(self, frequencies: FloatArray, margins: FloatArray) -> FloatArray:
        """The derivative of the limit of alpha by each margin, the posts that meet held as they are."""
        gradient = np.zeros(len(margins))
        for value in np.flatnonzero(margins):
            moved = np.tile(margins, (2, 1))
            step = STEP * margins[value]
            moved[:, value] += [step, -step]
            ranks = midranks(moved)
            observed = self._within(ranks) @ frequencies
            high, low = alpha(observed, _between(moved, ranks), moved.sum(axis=1) + 1)
            gradient[value] = (high - low) / (2 * step)
        return gradient

    def _within(self, ranks: FloatArray) -> FloatArray:
        """Σ δ² over the ordered pairs of codings of a post, per partner (n_weightings × n_patterns)."""
        codings = self.counts.sum(axis=1)
        squares, sums = np.square(ranks) @ self.counts.T, ranks @ self.counts.T
        return np.asarray(2 * (codings * squares - np.square(sums)) * self.per_partner)


def _between(margins: FloatArray, ranks: FloatArray) -> FloatArray:
    """Σ n_c n_k δ² over all pairs of codings (n_weightings)."""
    squares, sums = (margins * np.square(ranks)).sum(axis=1), (margins * ranks).sum(axis=1)
    spread = 2 * (margins.sum(axis=1) * squares - np.square(sums))
    # One value used throughout: nothing differs, whatever rounding leaves.
    return np.where((margins > 0).sum(axis=1) > 1, spread, 0.0)

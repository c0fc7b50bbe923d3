"""Bootstrap: what the coefficients would be in other samples of posts, or of authors, like this one.

Efron & Tibshirani (1993), chapter 13: draw as many posts as there are, with replacement, and take the middle
95 % of the coefficients of the draws. Posts of one pattern are interchangeable, so a draw is one multinomial
vector over patterns; with clusters it is one over the distinct kinds of clusters. The annotators are taken
as given: the interval says nothing about other annotators.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from server.agreement.arrays import FloatArray, IntArray
from server.agreement.clusters import ClusterWeights

Statistic: TypeAlias = Callable[[FloatArray], FloatArray]

DEFAULT_RESAMPLES = 1_000
FEWEST_RESAMPLES = 100
# Numbers held at a time, so that memory does not grow with the number of resamples.
_AT_A_TIME = 2**21


@dataclass(frozen=True)
class Resampling:
    """How resamples are drawn: with which seed, how many, and by clusters or by posts."""

    seed: int
    resamples: int = DEFAULT_RESAMPLES
    clusters: ClusterWeights | None = None

    def __post_init__(self) -> None:
        if self.resamples < FEWEST_RESAMPLES:
            raise ValueError(
                f"An interval needs at least {FEWEST_RESAMPLES} resamples, not {self.resamples}."
            )
        if self.seed < 0:
            raise ValueError("The seed must be a whole number from 0.")


def resampled(
    statistics: Sequence[Statistic], frequencies: IntArray, resampling: Resampling
) -> list[FloatArray]:
    """Each statistic in each resample (one array of `resamples` a statistic), all on the same resamples."""
    values = [
        [statistic(weights) for statistic in statistics] for weights in _weights(frequencies, resampling)
    ]
    return [np.concatenate(parts) for parts in zip(*values, strict=True)]


def percentile_interval(values: FloatArray) -> tuple[float, float]:
    """The middle 95 % of the defined values."""
    low, high = np.quantile(values[~np.isnan(values)], [0.025, 0.975])
    return float(low), float(high)


def _weights(frequencies: IntArray, resampling: Resampling) -> Iterator[FloatArray]:
    """Resampled frequencies (some resamples × n_patterns), until there are as many resamples as wanted."""
    generator = np.random.default_rng(resampling.seed)
    if resampling.clusters is None:
        for draw in _draws(frequencies, resampling.resamples, generator):
            yield draw.astype(np.float64)
        return
    profiles = resampling.clusters.profiles(len(frequencies))
    for draw in _draws(profiles.frequencies, resampling.resamples, generator, len(profiles.posts.row)):
        yield np.ascontiguousarray(profiles.posts.times(draw.T.astype(np.float64)).T)


def _draws(
    frequencies: IntArray, resamples: int, generator: np.random.Generator, size: int = 0
) -> Iterator[IntArray]:
    """How often each kind comes up when all are drawn again with replacement (some resamples × n_kinds)."""
    step = max(1, _AT_A_TIME // max(len(frequencies), size, 1))
    for first in range(0, resamples, step):
        yield _draw(frequencies, min(step, resamples - first), generator)


def _draw(frequencies: IntArray, resamples: int, generator: np.random.Generator) -> IntArray:
    total = int(frequencies.sum())
    if total > 4 * len(frequencies):
        return generator.multinomial(total, frequencies / total, size=resamples)
    # Where kinds are hardly rarer than what is drawn, drawing one by one and counting is quicker.
    kinds = np.repeat(np.arange(len(frequencies)), frequencies)
    drawn = kinds[generator.integers(0, total, size=(resamples, total))]
    drawn += (np.arange(resamples) * len(frequencies))[:, None]
    return np.bincount(drawn.ravel(), minlength=resamples * len(frequencies)).reshape(resamples, -1)

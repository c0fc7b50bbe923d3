"""Bootstrap: what the coefficients would be in other samples of posts, or of authors, like this one.

Efron & Tibshirani (1993), chapter 13: draw as many posts as there are, with replacement, and take the middle
95 % of the coefficients of the draws. Posts of one pattern are interchangeable, so a draw is one multinomial
vector over patterns; with clusters it is one over the distinct kinds of clusters. The annotators are taken
as given: the interval says nothing about other annotators.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from server.agreement.arrays import FloatArray, IntArray, Whole
from server.agreement.clusters import ClusterWeights, Profiles
from server.agreement.statistics import OfSums, Statistic

DEFAULT_RESAMPLES = 1_000
FEWEST_RESAMPLES = 100
# Numbers held at a time, so that memory does not grow with the number of resamples.
_AT_A_TIME = 2**21
# Bytes of draws kept for other statistics of the same clusters: a quarter of a gigabyte.
_KEPT = 2**28
# Whole numbers below this are exact in single precision.
_EXACT = 2**24


@dataclass(frozen=True)
class Resampling:
    """How resamples are drawn: with which seed, how many, and by clusters or by posts."""

    seed: int
    resamples: int = DEFAULT_RESAMPLES
    clusters: ClusterWeights | None = None

    def __post_init__(self) -> None:
        if not self.resamples >= FEWEST_RESAMPLES or self.resamples % 1:
            raise ValueError(
                f"An interval needs at least {FEWEST_RESAMPLES} resamples, not {self.resamples}."
            )
        if not self.seed >= 0 or self.seed % 1:
            raise ValueError("The seed must be a whole number from 0.")


def resampled(
    statistics: Sequence[Statistic], frequencies: IntArray, resampling: Resampling
) -> list[FloatArray]:
    """Each statistic in each resample (one array of `resamples` a statistic), all on the same resamples."""
    sums = [statistic for statistic in statistics if isinstance(statistic, OfSums)]
    if len(sums) == len(statistics) and sum(of.columns.shape[1] for of in sums) <= len(frequencies):
        return _of_sums(sums, frequencies, resampling)
    values = [
        [statistic(weights) for statistic in statistics] for weights in _weights(frequencies, resampling)
    ]
    return [np.concatenate(parts) for parts in zip(*values, strict=True)]


def _of_sums(statistics: Sequence[OfSums], frequencies: IntArray, resampling: Resampling) -> list[FloatArray]:
    """The same where fewer sums are needed than there are patterns: no weights of patterns are made."""
    every = np.concatenate([statistic.columns for statistic in statistics], axis=1)
    columns, place = np.unique(every, axis=1, return_inverse=True)
    sums = np.concatenate(list(_weights(frequencies, resampling, columns)))[:, place.reshape(-1)]
    ends = np.cumsum([statistic.columns.shape[1] for statistic in statistics])
    return [
        statistic.of(part)
        for statistic, part in zip(statistics, np.split(sums, ends[:-1], axis=1), strict=True)
    ]


def _weights(
    frequencies: IntArray, resampling: Resampling, columns: FloatArray | None = None
) -> Iterator[FloatArray]:
    """Resampled frequencies (some resamples × n_patterns), until there are as many resamples as wanted.

    With `columns`, their product with these instead.
    """
    if resampling.clusters is not None:
        yield from _cluster_weights(resampling.clusters.profiles(len(frequencies)), resampling, columns)
        return
    for draw in _draws(frequencies, resampling, len(frequencies)):
        weights = draw.astype(np.float64)
        yield weights if columns is None else weights @ columns


def _cluster_weights(
    of: Profiles, resampling: Resampling, columns: FloatArray | None
) -> Iterator[FloatArray]:
    if columns is not None:
        of_kind = np.column_stack([of.sums(column) for column in columns.T])
        for draw in _cluster_draws(of, resampling, 0):
            yield draw.astype(np.float64) @ of_kind
        return
    # Single precision reads half as much.
    kind: type[Any] = np.float32 if of.kinds.n_clusters * of.most < _EXACT else np.float64
    for draw in _cluster_draws(of, resampling, 0 if of.posts.is_full_enough else len(of.posts.row)):
        yield np.ascontiguousarray(of.posts.times(draw.T.astype(kind)).T)


def _cluster_draws(of: Profiles, resampling: Resampling, size: int) -> Iterator[Whole]:
    """How often each kind of cluster comes up; drawn once where several look at the same clusters."""
    kinds, key = of.kinds, (resampling.seed, resampling.resamples)
    n_kinds = kinds.number
    if not of.is_shared or resampling.resamples * n_kinds > _KEPT:
        yield from _draws(kinds.frequencies, resampling, size)
        return
    if key not in kinds.drawn:
        parts = _draws(kinds.frequencies, resampling, n_kinds)
        kinds.drawn[key] = np.concatenate([_small(part) for part in parts])
    step = _step(max(n_kinds, size))
    for first in range(0, resampling.resamples, step):
        yield kinds.drawn[key][first : first + step]


def _small(numbers: IntArray) -> Whole:
    """The same numbers in as few bytes as hold them."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))


def _step(size: int) -> int:
    return max(1, _AT_A_TIME // max(size, 1))


def _draws(frequencies: IntArray, resampling: Resampling, size: int) -> Iterator[IntArray]:
    """How often each kind comes up when all are drawn again with replacement (some resamples × n_kinds)."""
    generator = np.random.default_rng(resampling.seed)
    step = _step(max(len(frequencies), size))
    for first in range(0, resampling.resamples, step):
        yield _draw(frequencies, min(step, resampling.resamples - first), generator)


def _draw(frequencies: IntArray, resamples: int, generator: "np.random.Generator") -> IntArray:
    total = int(frequencies.sum())
    if total > 4 * len(frequencies):
        return generator.multinomial(total, frequencies / total, size=resamples)
    # Where kinds are hardly rarer than what is drawn, drawing one by one and counting is quicker.
    kinds = np.repeat(np.arange(len(frequencies)), frequencies)
    counts = np.empty((resamples, len(frequencies)), dtype=np.int64)
    for row in counts:
        row[:] = np.bincount(kinds[generator.integers(0, total, size=total)], minlength=len(row))
    return counts

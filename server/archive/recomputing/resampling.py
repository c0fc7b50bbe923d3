"""Standard errors and intervals: the program's bootstrap with the program's seed."""

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from server.archive.recomputing.coefficients import OfSums
from server.archive.recomputing.patterns import Bools, Clusters, Floats, Ints
from server.archive.recomputing.shares import t_quantile

# With fewer authors than these, t is used instead of resamples.
FEW_CLUSTERS = 20
_NOISE, _SAME = 1e-9, 1e-12
_NORMAL = NormalDist()
Interval = tuple[float | None, float | None]
_NONE: Interval = (None, None)


def draws(frequency: Ints, seed: int, resamples: int) -> Ints:
    """How often each kind comes up when all are drawn again with replacement (resamples × kinds)."""
    generator, total = np.random.default_rng(seed), int(frequency.sum())
    if total > 4 * len(frequency):
        return generator.multinomial(total, frequency / total, size=resamples)
    kinds = np.repeat(np.arange(len(frequency)), frequency)
    counts = np.zeros((resamples, len(frequency)), dtype=np.int64)
    for row in counts:
        np.add.at(row, kinds[generator.integers(0, total, size=total)], 1)
    return counts


def resampled(frequency: Ints, clusters: Clusters | None, seed: int, resamples: int) -> Floats:
    """The frequencies of the patterns in each resample of posts, or of authors (resamples × patterns)."""
    if clusters is None:
        return draws(frequency, seed, resamples).astype(np.float64)
    kind, example = clusters.drawn_kinds()
    drawn = draws(np.bincount(kind, minlength=len(example)), seed, resamples)
    return (drawn @ clusters.profiles(example, len(frequency))).astype(np.float64)


def influences(of: OfSums, frequency: Ints, pairable: Bools) -> Floats:
    """The influence of each pattern among the posts that can be compared, 0 for others."""
    n, total = float(frequency[pairable].sum()), float(frequency.sum())
    kept = np.where(pairable, of.influence(frequency) * (n / total), 0.0)
    return np.where(pairable, kept - float(frequency @ kept) / n, 0.0)


def measured(
    statistics: list[OfSums],
    frequency: Ints,
    pairable: Bools,
    clusters: Clusters | None,
    seed: int,
    resamples: int,
) -> Iterator[tuple[OfSums, float | None, Interval, float | None]]:
    """Each coefficient with its estimate, its interval and its standard error."""
    if not frequency[pairable].sum():
        yield from ((one, None, _NONE, None) for one in statistics)
        return
    owners = _owners(clusters, pairable)
    is_drawn = clusters is None or len(owners) >= FEW_CLUSTERS
    weights = resampled(frequency, clusters, seed, resamples) if is_drawn else None
    for one in statistics:
        estimate = float(one(frequency[None, :].astype(np.float64))[0])
        if math.isnan(estimate):
            yield one, None, _NONE, None
            continue
        moved = influences(one, frequency, pairable)
        error = _error(moved, frequency, pairable, clusters)
        interval = _NONE
        units = len(owners) if clusters is not None else int(frequency[pairable].sum())
        if weights is None:
            interval = _by_t(estimate, error, units)
        elif units > 1 and int(frequency[pairable].sum()) > 1:
            interval = _bca(one(weights), estimate, *_of_units(moved, frequency, clusters))
        yield one, estimate, interval, error


def _owners(clusters: Clusters | None, pairable: Bools) -> Ints:
    """The authors with a post that can be compared."""
    if clusters is None:
        return np.zeros(0, dtype=np.int64)
    return np.unique(clusters.owner[pairable[clusters.pattern]])


def _of_units(moved: Floats, frequency: Ints, clusters: Clusters | None) -> tuple[Floats, Ints]:
    """The influences of posts, or of authors, and how many have each."""
    if clusters is None:
        return moved, frequency
    of_authors = np.zeros(clusters.n)
    np.add.at(of_authors, clusters.owner, moved[clusters.pattern] * clusters.posts)
    return of_authors, np.ones(len(of_authors), dtype=np.int64)


def _error(moved: Floats, frequency: Ints, pairable: Bools, clusters: Clusters | None) -> float | None:
    """Over posts (infinitesimal jackknife, Efron 1982), or over authors (Liang & Zeger 1986)."""
    n = float(frequency[pairable].sum())
    units, squares = n, float(frequency @ np.square(moved))
    if clusters is not None:
        units = len(_owners(clusters, pairable))
        squares = float(np.square(_of_units(moved, frequency, clusters)[0]).sum())
    if units < 2 or n < 2 or not np.isfinite(moved).all():
        return None
    error = math.sqrt(squares * units / (units - 1)) / n
    return error if error > _NOISE else None


def _by_t(estimate: float, error: float | None, units: int) -> Interval:
    if error is None or units < 2:
        return _NONE
    reach = t_quantile(units - 1) * error
    return estimate - reach, min(1.0, estimate + reach)


def _bca(values: Floats, estimate: float, moved: Floats, counts: Ints) -> Interval:
    """Bias-corrected and accelerated (Efron 1987, JASA 82:171-185); none where resamples tell nothing."""
    kept = np.sort(values[~np.isnan(values)])
    if 2 * len(kept) < len(values) or kept[-1] - kept[0] < _SAME:
        return _NONE
    is_same = np.abs(kept - estimate) < _SAME
    below = (np.count_nonzero((kept < estimate) & ~is_same) + np.count_nonzero(is_same) / 2) / len(kept)
    bias = _NORMAL.inv_cdf(min(max(below, 0.5 / len(kept)), 1 - 0.5 / len(kept)))
    squares = float(counts @ np.square(moved))
    acceleration = 0.0 if squares == 0 else float(counts @ moved**3) / (6 * squares**1.5)
    ends = []
    for z in (_NORMAL.inv_cdf(0.025), _NORMAL.inv_cdf(0.975)):
        place = _NORMAL.cdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
        ends.append(float(np.interp(place * (len(kept) - 1), np.arange(len(kept)), kept)))
    return ends[0], ends[1]

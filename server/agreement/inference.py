"""From a statistic and its resamples to what can be said: estimate, interval, or the reason for neither."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from server.agreement import reasons
from server.agreement.arrays import BoolArray, FloatArray, IntArray
from server.agreement.clusters import ClusterWeights
from server.agreement.patterns import Extent
from server.agreement.resampling import Resampling, percentile_interval, resampled
from server.agreement.result import Coefficient
from server.agreement.scales import Level
from server.agreement.statistics import Statistic

# Values that differ by less are the same value, computed in another order.
_SAME = 1e-12


@dataclass(frozen=True)
class Measure:
    """A coefficient ready for any weighting, and what to say where pairs exist but nothing varies."""

    name: str
    level: Level
    statistic: Statistic
    without_variation: str = reasons.ONE_CATEGORY


@dataclass(frozen=True, eq=False)
class Evidence:
    """The posts that are weighted: how many there are, which can be compared, what to say if none can."""

    frequencies: IntArray
    pairable: BoolArray
    extent: Extent
    without_pairs: str


def infer(measures: Sequence[Measure], evidence: Evidence, resampling: Resampling) -> tuple[Coefficient, ...]:
    """One coefficient a measure, all on the same resamples."""
    clusters = resampling.clusters
    if clusters is not None and not clusters.belong_to(evidence.frequencies):
        raise ValueError("The clusters do not hold the same posts as the patterns.")
    blank = [_blank(measure, evidence, resampling) for measure in measures]
    if evidence.extent.n_pairable == 0:
        return tuple(blank)
    drawn = resampled([measure.statistic for measure in measures], evidence.frequencies, resampling)
    data = evidence.frequencies[None, :].astype(np.float64)
    estimates = [float(measure.statistic(data)[0]) for measure in measures]
    return tuple(
        _undefined(unsaid, measure, values)
        if np.isnan(estimate)
        else _estimated(unsaid, estimate, values, _too_few(evidence, clusters))
        for unsaid, measure, estimate, values in zip(blank, measures, estimates, drawn, strict=True)
    )


def _blank(measure: Measure, evidence: Evidence, resampling: Resampling) -> Coefficient:
    """What is said where nothing can be compared."""
    extent = evidence.extent
    return Coefficient(
        name=measure.name,
        level=measure.level,
        estimate=None,
        interval=None,
        undefined=evidence.without_pairs if extent.n_codings else reasons.NO_CODINGS,
        n_units=extent.n_units,
        n_pairable=extent.n_pairable,
        n_codings=extent.n_codings,
        resamples=resampling.resamples,
        undefined_resamples=resampling.resamples,
        seed=resampling.seed,
    )


def _undefined(blank: Coefficient, measure: Measure, values: FloatArray) -> Coefficient:
    missing = int(np.isnan(values).sum())
    return replace(blank, undefined=measure.without_variation, undefined_resamples=missing)


def _estimated(blank: Coefficient, estimate: float, values: FloatArray, too_few: str | None) -> Coefficient:
    missing = int(np.isnan(values).sum())
    reason = too_few or _says_nothing(values, missing)
    return replace(
        blank,
        estimate=estimate,
        interval=None if reason else percentile_interval(values),
        undefined=None,
        undefined_resamples=missing,
        no_interval=reason,
    )


def _too_few(evidence: Evidence, clusters: ClusterWeights | None) -> str | None:
    """Why the data is too small to be resampled, if it is."""
    if evidence.extent.n_pairable < 2:
        return reasons.ONE_PAIRABLE_POST
    if clusters is not None and clusters.count(evidence.pairable) < 2:
        return reasons.ONE_PAIRABLE_CLUSTER
    return None


def _says_nothing(values: FloatArray, missing: int) -> str | None:
    """Why the resamples give no interval, if they do not."""
    if 2 * missing > len(values):
        return reasons.MOSTLY_UNDEFINED
    if np.ptp(values[~np.isnan(values)]) < _SAME:
        return reasons.SAME_IN_EVERY_RESAMPLE
    return None

"""From a statistic to what can be said of it: estimate, error and interval, or the reason for none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from server.agreement import reasons
from server.agreement.arrays import BoolArray, FloatArray, IntArray
from server.agreement.clusters import ClusterWeights
from server.agreement.errors import Divisor, cluster_influences, influence, standard_error
from server.agreement.intervals import (
    INTERVAL_METHODS,
    SAME,
    Interval,
    IntervalMethod,
    analytic_interval,
    bca_interval,
    is_confidence,
    percentile_interval,
)
from server.agreement.patterns import Extent
from server.agreement.resampling import Resampling, resampled
from server.agreement.result import Coefficient
from server.agreement.scales import Level
from server.agreement.statistics import Weighable

# Influences are numeric derivatives, good to about nine digits: a smaller standard error is none.
_NOISE = 1e-9
# With fewer authors than these the percentiles of a bootstrap are too narrow, and t is used instead.
FEW_CLUSTERS = 20


@dataclass(frozen=True)
class Measure:
    """A coefficient ready for any weighting, and what to say where pairs exist but nothing varies.

    `of_drawn_pairs` gives Krippendorff's own resamples from a seed and their number; None for all but alpha.
    """

    name: str
    level: Level
    statistic: Weighable
    without_variation: str = reasons.ONE_CATEGORY
    weights: str = "identity"
    of_drawn_pairs: Callable[[int, int], FloatArray] | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """The posts that are weighted: how many there are, which can be compared, what to say if none can."""

    frequencies: IntArray
    pairable: BoolArray
    extent: Extent
    without_pairs: str


@dataclass(frozen=True)
class Inference:
    """How uncertainty is worked out: which interval, at which confidence, with which resamples."""

    resampling: Resampling
    method: IntervalMethod = "bca"
    confidence: float = 0.95
    divisor: Divisor = "n - 1"

    def __post_init__(self) -> None:
        if self.method not in INTERVAL_METHODS:
            raise ValueError(f"{self.method} is no kind of interval: use {', '.join(INTERVAL_METHODS)}.")
        if not is_confidence(self.confidence):
            raise ValueError(f"The confidence lies between 0 and 1, as 0.95 does, and not {self.confidence}.")


def infer(measures: Sequence[Measure], evidence: Evidence, how: Inference) -> tuple[Coefficient, ...]:
    """One coefficient a measure, all on the same resamples."""
    clusters = how.resampling.clusters
    if clusters is not None and not clusters.belong_to(evidence.frequencies):
        raise ValueError("The clusters do not hold the same posts as the patterns.")
    method = _method(evidence, how)
    blank = [_blank(measure, evidence, how, method) for measure in measures]
    if evidence.extent.n_pairable == 0:
        return tuple(blank)
    draws = _drawn(measures, evidence, how.resampling, method)
    return tuple(
        _found(unsaid, measure, evidence, how, values)
        for unsaid, measure, values in zip(blank, measures, draws, strict=True)
    )


def _method(evidence: Evidence, how: Inference) -> IntervalMethod:
    """The interval asked for; t in place of a bootstrap where there are few authors to draw."""
    clusters = how.resampling.clusters
    is_drawn = how.method in {"bootstrap", "bca"}
    if is_drawn and clusters is not None and clusters.count(evidence.pairable) < FEW_CLUSTERS:
        return "t"
    return how.method


def _n_clusters(evidence: Evidence, how: Inference, method: IntervalMethod) -> int | None:
    """Over how many authors the interval is worked out: a resample draws all, an influence not all have."""
    clusters = how.resampling.clusters
    if clusters is None:
        return None
    return clusters.n_clusters if _resamples(method) else clusters.count(evidence.pairable)


def _resamples(method: IntervalMethod) -> bool:
    return method in {"bootstrap", "bca", "krippendorff"}


def _drawn(
    measures: Sequence[Measure], evidence: Evidence, resampling: Resampling, method: IntervalMethod
) -> Sequence[FloatArray | None]:
    """The resamples of each measure; None where the interval needs none, or the measure has no such ones."""
    if method in {"bootstrap", "bca"}:
        return resampled([measure.statistic for measure in measures], evidence.frequencies, resampling)
    return [None] * len(measures)


def _blank(measure: Measure, evidence: Evidence, how: Inference, method: IntervalMethod) -> Coefficient:
    """What is said where nothing can be compared."""
    extent, resamples = evidence.extent, how.resampling.resamples if _resamples(method) else 0
    return Coefficient(
        name=measure.name,
        level=measure.level,
        weights=measure.weights,
        estimate=None,
        interval=None,
        undefined=evidence.without_pairs if extent.n_codings else reasons.NO_CODINGS,
        n_units=extent.n_units,
        n_pairable=extent.n_pairable,
        n_codings=extent.n_codings,
        resamples=resamples,
        undefined_resamples=resamples,
        seed=how.resampling.seed,
        method=method,
        confidence=how.confidence,
        n_clusters=_n_clusters(evidence, how, method),
    )


def _found(
    blank: Coefficient, measure: Measure, evidence: Evidence, how: Inference, values: FloatArray | None
) -> Coefficient:
    """The estimate with all that is known about it, or why there is none."""
    missing = 0 if values is None else int(np.isnan(values).sum())
    said = replace(blank, undefined_resamples=missing)
    estimate = float(measure.statistic(evidence.frequencies[None, :].astype(np.float64))[0])
    if np.isnan(estimate):
        return replace(said, undefined=measure.without_variation)
    error = _error(measure, evidence, how)
    said = replace(said, estimate=estimate, undefined=None, standard_error=error)
    if said.method == "krippendorff" and measure.of_drawn_pairs is not None:
        values = measure.of_drawn_pairs(how.resampling.seed, how.resampling.resamples)
    reason = _too_few(evidence, how.resampling.clusters) or _says_nothing(said, values)
    if reason is not None:
        return replace(said, no_interval=reason)
    return replace(said, interval=_interval(said, measure, evidence, how, values))


def _error(measure: Measure, evidence: Evidence, how: Inference) -> float | None:
    """The standard error; posts that all speak alike have none, rather than one of zero."""
    error = standard_error(
        measure.statistic, evidence.frequencies, evidence.pairable, how.resampling.clusters, how.divisor
    )
    return error if error is not None and error > _NOISE else None


def _interval(
    said: Coefficient, measure: Measure, evidence: Evidence, how: Inference, values: FloatArray | None
) -> Interval:
    estimate, clusters = said.estimate or 0.0, how.resampling.clusters
    if values is None:
        units = said.n_pairable if said.n_clusters is None else said.n_clusters
        freedom = units - 1 if said.method == "t" else None
        return analytic_interval(estimate, said.standard_error or 0.0, how.confidence, freedom)
    if said.method == "bca":
        moved, counts = _influences(measure, evidence, clusters)
        return bca_interval(values, estimate, moved, counts, how.confidence)
    return percentile_interval(values, how.confidence)


def _influences(
    measure: Measure, evidence: Evidence, clusters: ClusterWeights | None
) -> tuple[FloatArray, IntArray]:
    """The influences of posts, or of authors, and how many have each."""
    moved = influence(measure.statistic, evidence.frequencies, evidence.pairable)
    if clusters is not None:
        return cluster_influences(moved, clusters)
    return moved, evidence.frequencies


def _too_few(evidence: Evidence, clusters: ClusterWeights | None) -> str | None:
    """Why the data is too small for an interval, if it is."""
    if evidence.extent.n_pairable < 2:
        return reasons.ONE_PAIRABLE_POST
    if clusters is not None and clusters.count(evidence.pairable) < 2:
        return reasons.ONE_PAIRABLE_CLUSTER
    return None


def _says_nothing(said: Coefficient, values: FloatArray | None) -> str | None:
    """Why the resamples or the standard error give no interval, if they do not."""
    if values is None:
        if said.method == "krippendorff":
            return reasons.ALPHA_ALONE
        return reasons.NO_SPREAD if said.standard_error is None else None
    if 2 * said.undefined_resamples > len(values):
        return reasons.MOSTLY_UNDEFINED
    if np.ptp(values[~np.isnan(values)]) < SAME:
        return reasons.SAME_IN_EVERY_RESAMPLE
    return None

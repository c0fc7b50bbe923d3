"""The coefficients that are reported together: for many annotators, for known ones, for two, for whole sets.

All functions take the same options of an interval:

    seed: What the resamples are drawn with; coefficients of one call share the same resamples.
    resamples: How many, at least 100.
    clusters: The authors of the posts; when given, authors are drawn instead of posts.
    method: `bootstrap` (percentiles), `bca`, `t`, `normal`, or `krippendorff` for alpha.
    confidence: Between 0 and 1.

and raise ValueError where the values do not fit the level, the clusters not the patterns, or an option is
none.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import ArrayLike

from server.agreement import coefficients as of_counts
from server.agreement import pairs as of_pair
from server.agreement import reasons
from server.agreement.arrays import FloatArray
from server.agreement.clusters import ClusterWeights
from server.agreement.errors import Divisor
from server.agreement.inference import Evidence, Inference, Measure, infer
from server.agreement.intervals import IntervalMethod
from server.agreement.pair_bootstrap import alpha_of_drawn_pairs
from server.agreement.pairs import PairTable
from server.agreement.patterns import CountPatterns
from server.agreement.raters import RaterPatterns, conger_kappa
from server.agreement.resampling import DEFAULT_RESAMPLES, Resampling
from server.agreement.result import Coefficient
from server.agreement.scales import Level, Scale, scale_of
from server.agreement.set_distances import SET_DISTANCES
from server.agreement.sets import SetAlpha, SetPatterns
from server.agreement.weights import WeightsName, agreement_weights, own_weights


class Options(TypedDict, total=False):
    """How an interval is made; see the module's text."""

    seed: int
    resamples: int
    clusters: ClusterWeights | None
    method: IntervalMethod
    confidence: float
    divisor: Divisor


def agree_on_patterns(
    patterns: CountPatterns,
    values: Sequence[float | None] | None = None,
    level: Level = "nominal",
    weights: WeightsName | ArrayLike = "identity",
    **options: Unpack[Options],
) -> tuple[Coefficient, ...]:
    """Percent agreement, alpha at `level`, Fleiss' kappa, Gwet's AC and Brennan-Prediger, in this order.

    Args:
        patterns: The codings of one variable, or of one code of a multiple choice.
        values: The numeric value of each category, in the order of the columns; unused at the nominal level.
        level: The level of measurement of alpha.
        weights: How much two different categories agree, for the other four: a name or a matrix.
        options: How the intervals are made.
    """
    scale = scale_of(values, level, patterns.n_categories)
    named, agreement = _agreement(weights, patterns.n_categories, values)
    observed = of_counts.percent_agreement(patterns, agreement)
    kappas = {
        "fleiss_kappa": of_counts.fleiss_kappa,
        "gwet_ac": of_counts.gwet_ac,
        "brennan_prediger": of_counts.brennan_prediger,
    }
    measures = [
        Measure("percent_agreement", "nominal", observed, weights=named),
        _alpha(patterns, scale),
        *(Measure(name, "nominal", of(patterns, agreement), weights=named) for name, of in kappas.items()),
    ]
    return infer(measures, _evidence(patterns), _inference(options))


def alpha_on_patterns(
    patterns: CountPatterns,
    values: Sequence[float | None] | None = None,
    level: Level = "nominal",
    **options: Unpack[Options],
) -> Coefficient:
    """Krippendorff's alpha alone: the same as among `agree_on_patterns`, on the same resamples."""
    scale = scale_of(values, level, patterns.n_categories)
    return infer([_alpha(patterns, scale)], _evidence(patterns), _inference(options))[0]


def alpha_with_distances(
    patterns: CountPatterns, distances: ArrayLike, **options: Unpack[Options]
) -> Coefficient:
    """Krippendorff's alpha under distances of one's own (n_categories × n_categories), as δ²."""
    scale = Scale.of_distances(distances, patterns.n_categories)
    return infer([_alpha(patterns, scale)], _evidence(patterns), _inference(options))[0]


def specific_agreements(patterns: CountPatterns, **options: Unpack[Options]) -> tuple[Coefficient, ...]:
    """Specific agreement on each category, in the order of the columns."""
    measures = [
        Measure(
            "specific_agreement", "nominal", of_counts.specific_agreement(patterns, at), reasons.NEVER_CHOSEN
        )
        for at in range(patterns.n_categories)
    ]
    return infer(measures, _evidence(patterns), _inference(options))


def agree_on_raters(
    patterns: RaterPatterns,
    values: Sequence[float | None] | None = None,
    weights: WeightsName | ArrayLike = "identity",
    **options: Unpack[Options],
) -> Coefficient:
    """Conger's kappa of annotators who are known by name."""
    named, agreement = _agreement(weights, patterns.n_categories, values)
    measure = Measure("conger_kappa", "nominal", conger_kappa(patterns, agreement), weights=named)
    return infer([measure], _evidence(patterns.counts), _inference(options))[0]


def agree_on_pair(
    table: PairTable,
    values: Sequence[float | None] | None = None,
    weights: WeightsName | ArrayLike = "identity",
    **options: Unpack[Options],
) -> tuple[Coefficient, ...]:
    """Percent agreement, Cohen's kappa, Scott's pi and Holsti's coefficient of two annotators, in this order.

    Over the posts that both coded. The pattern of `clusters` is the cell of the table, row after row:
    first · n_categories + second.
    """
    named, agreement = _agreement(weights, len(table.counts), values)
    one_category = reasons.ONE_CATEGORY_BY_BOTH
    measures = [
        Measure("percent_agreement", "nominal", of_pair.pair_agreement(table, agreement), weights=named),
        Measure("cohen_kappa", "nominal", of_pair.cohen_kappa(table, agreement), one_category, named),
        Measure("scott_pi", "nominal", of_pair.scott_pi(table, agreement), one_category, named),
        Measure("holsti", "nominal", of_pair.holsti(table)),
    ]
    every_cell = np.ones(len(table.frequencies), dtype=np.bool_)
    evidence = Evidence(table.frequencies, every_cell, table.extent, reasons.NO_SHARED_POSTS)
    return infer(measures, evidence, _inference(options))


def agree_on_sets(patterns: SetPatterns, distance: str = "masi", **options: Unpack[Options]) -> Coefficient:
    """Alpha over whole answers to a multiple choice under the `masi` or the `jaccard` distance.

    It answers another question than alpha of each code as yes or no does: show both.
    """
    return agree_on_sets_by([distance], patterns, **options)[0]


def agree_on_sets_by(
    distances: Sequence[str], patterns: SetPatterns, **options: Unpack[Options]
) -> tuple[Coefficient, ...]:
    """As `agree_on_sets` under each of these distances, on the same resamples."""
    measures = [_set_alpha(patterns, distance) for distance in distances]
    evidence = Evidence(patterns.frequencies, patterns.pairable, patterns.extent, reasons.NO_PAIRS)
    return infer(measures, evidence, _inference(options))


def _set_alpha(patterns: SetPatterns, distance: str) -> Measure:
    if distance not in SET_DISTANCES:
        raise ValueError(f"{distance} is no distance of sets: use {', '.join(SET_DISTANCES)}.")
    statistic = SetAlpha.of(patterns, SET_DISTANCES[distance]).of_few_sums()
    return Measure(f"{distance}_alpha", "nominal", statistic, reasons.ONE_SET)


def _alpha(patterns: CountPatterns, scale: Scale) -> Measure:
    return Measure(
        "krippendorff_alpha",
        scale.level,
        of_counts.krippendorff_alpha(patterns, scale),
        reasons.ONE_CATEGORY_IN_PAIRS,
        of_drawn_pairs=partial(alpha_of_drawn_pairs, patterns, scale),
    )


def _agreement(
    weights: WeightsName | ArrayLike, n_categories: int, values: Sequence[float | None] | None
) -> tuple[str, FloatArray | None]:
    """The name of the weights and the weights; None for the identity, which is quicker left out."""
    if not isinstance(weights, str):
        return "own", own_weights(weights, n_categories)
    if weights == "identity":
        return weights, None
    name: Any = weights
    return weights, agreement_weights(name, n_categories, values)


def _evidence(patterns: CountPatterns) -> Evidence:
    return Evidence(patterns.frequencies, patterns.pairable, patterns.extent, reasons.NO_PAIRS)


def _inference(options: Options) -> Inference:
    resampling = Resampling(
        options.get("seed", 0), options.get("resamples", DEFAULT_RESAMPLES), options.get("clusters")
    )
    return Inference(
        resampling,
        options.get("method", "bca"),
        options.get("confidence", 0.95),
        options.get("divisor", "n - 1"),
    )

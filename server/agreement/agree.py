"""The coefficients that are reported together, for many annotators, for two and for whole sets of codes."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from server.agreement import reasons
from server.agreement.clusters import ClusterWeights
from server.agreement.coefficients import fleiss_kappa, gwet_ac1, krippendorff_alpha, percent_agreement
from server.agreement.inference import Evidence, Measure, infer
from server.agreement.pairs import PairTable, cohen_kappa, pair_agreement
from server.agreement.patterns import CountPatterns
from server.agreement.resampling import DEFAULT_RESAMPLES, Resampling
from server.agreement.result import Coefficient
from server.agreement.scales import Level, scale_of
from server.agreement.sets import SetPatterns, masi_statistic


def agree_on_patterns(
    patterns: CountPatterns,
    values: Sequence[float | None] | None = None,
    level: Level = "nominal",
    *,
    seed: int = 0,
    resamples: int = DEFAULT_RESAMPLES,
    clusters: ClusterWeights | None = None,
) -> tuple[Coefficient, ...]:
    """Percent agreement, Krippendorff's alpha at `level`, Fleiss' kappa and Gwet's AC1, in this order.

    Args:
        patterns: The codings of one variable, or of one code of a multiple choice.
        values: The numeric value of each category, in the order of the columns; unused at the nominal level.
        level: The level of measurement of alpha; the other three take categories as names.
        seed: What the resamples are drawn with; the four share the same resamples.
        resamples: How many, at least 100.
        clusters: The authors of the posts; when given, authors are drawn instead of posts.

    Raises:
        ValueError: The values do not fit the level, the clusters not the patterns, or there are too few
            resamples.
    """
    scale = scale_of(values, level, patterns.n_categories)
    measures = [
        Measure("percent_agreement", "nominal", partial(percent_agreement, patterns)),
        Measure(
            "krippendorff_alpha",
            level,
            partial(krippendorff_alpha, patterns, scale=scale),
            reasons.ONE_CATEGORY_IN_PAIRS,
        ),
        Measure("fleiss_kappa", "nominal", partial(fleiss_kappa, patterns), reasons.ONE_CATEGORY),
        Measure("gwet_ac1", "nominal", partial(gwet_ac1, patterns), reasons.ONE_CATEGORY),
    ]
    evidence = Evidence(patterns.frequencies, patterns.pairable, patterns.extent, reasons.NO_PAIRS)
    return infer(measures, evidence, Resampling(seed, resamples, clusters))


def agree_on_pair(
    table: PairTable,
    *,
    seed: int = 0,
    resamples: int = DEFAULT_RESAMPLES,
    clusters: ClusterWeights | None = None,
) -> tuple[Coefficient, ...]:
    """Percent agreement and Cohen's kappa of two annotators over the posts that both coded, in this order.

    The pattern of `clusters` is the cell of the table, row after row: first · n_categories + second.
    """
    measures = [
        Measure("percent_agreement", "nominal", partial(pair_agreement, table)),
        Measure("cohen_kappa", "nominal", partial(cohen_kappa, table), reasons.ONE_CATEGORY_BY_BOTH),
    ]
    every_cell = np.ones(len(table.frequencies), dtype=np.bool_)
    evidence = Evidence(table.frequencies, every_cell, table.extent, reasons.NO_SHARED_POSTS)
    return infer(measures, evidence, Resampling(seed, resamples, clusters))


def agree_on_sets(
    patterns: SetPatterns,
    *,
    seed: int = 0,
    resamples: int = DEFAULT_RESAMPLES,
    clusters: ClusterWeights | None = None,
) -> Coefficient:
    """Alpha over whole answers to a multiple choice under the MASI distance.

    It answers another question than alpha of each code as yes or no does: show both.
    """
    measure = Measure("masi_alpha", "nominal", masi_statistic(patterns), reasons.ONE_SET)
    evidence = Evidence(patterns.frequencies, patterns.pairable, patterns.extent, reasons.NO_PAIRS)
    return infer([measure], evidence, Resampling(seed, resamples, clusters))[0]

"""Estimates for publication: proportions with honest intervals. Pure numbers in, plain results out.

What to use when:

- posts coded independently: `proportion`, and `wilson_interval`, `clopper_pearson_interval` (never covers
  less than it says) or `jeffreys_interval`;
- all codes of a single choice at once: `goodman_intervals`, or `sison_glaz_intervals` with many codes;
- posts of authors who repeat: `cluster_proportion`, or another interval with `clustered_interval`;
- posts drawn at random from a corpus that alone is spoken of: `drawn_interval`;
- a code in groups of posts: `compared` and `independence`, of authors who repeat `compared_by_clusters` and
  `independence_by_clusters`; and `adjusted` for the p-values of a family;
- strata sampled apart: `stratified_proportion`; weights, clusters and strata together, also of a part of the
  posts: `survey_proportion`; in groups of posts the two by clusters with a `Design`;
- a coder of known or measured error rates: `rogan_gladen` for one code, and for several
  `misclassification_corrected_proportions`;
- a model's predictions with a random part coded by people: `ppi_mean`, or `dsl_mean` if the probability of
  being coded differs between posts;
- several annotators and no truth: `dawid_skene`, `mace`.

Bad input is a ValueError. What is undefined is None, and the result's `reason` (or `notes`) says why in
words.
"""

from server.estimation.assisted import PPI_TUNED, AssistedProportion, dsl_mean, ppi_mean
from server.estimation.association import AssociationTest, adjusted, independence, independence_by_clusters
from server.estimation.binomial import clopper_pearson_interval, jeffreys_interval
from server.estimation.clusters import ClusterEstimate, cluster_interval, cluster_proportion, effective_size
from server.estimation.confusion import CorrectedProportions, misclassification_corrected_proportions
from server.estimation.dawid_skene import ConfusionMatrix, DawidSkene, dawid_skene
from server.estimation.designs import Design
from server.estimation.effective import BinomialInterval, clustered_interval, drawn_interval, effective_number
from server.estimation.limits import Interval
from server.estimation.mace import Mace, mace
from server.estimation.multinomial import SimultaneousIntervals, goodman_intervals, sison_glaz_intervals
from server.estimation.proportions import Proportion, proportion, wilson_interval
from server.estimation.rogan_gladen import Accuracy, CorrectedProportion, rogan_gladen
from server.estimation.strata import DesignEstimate, stratified_proportion
from server.estimation.surveys import survey_proportion
from server.estimation.two_groups import Comparison, Measure, compared, compared_by_clusters

__all__ = [
    "PPI_TUNED",
    "Accuracy",
    "AssistedProportion",
    "AssociationTest",
    "BinomialInterval",
    "ClusterEstimate",
    "Comparison",
    "ConfusionMatrix",
    "CorrectedProportion",
    "CorrectedProportions",
    "DawidSkene",
    "Design",
    "DesignEstimate",
    "Interval",
    "Mace",
    "Measure",
    "Proportion",
    "SimultaneousIntervals",
    "adjusted",
    "clopper_pearson_interval",
    "cluster_interval",
    "cluster_proportion",
    "clustered_interval",
    "compared",
    "compared_by_clusters",
    "dawid_skene",
    "drawn_interval",
    "dsl_mean",
    "effective_number",
    "effective_size",
    "goodman_intervals",
    "independence",
    "independence_by_clusters",
    "jeffreys_interval",
    "mace",
    "misclassification_corrected_proportions",
    "ppi_mean",
    "proportion",
    "rogan_gladen",
    "sison_glaz_intervals",
    "stratified_proportion",
    "survey_proportion",
    "wilson_interval",
]

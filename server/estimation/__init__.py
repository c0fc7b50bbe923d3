"""Estimates for publication: proportions with honest intervals. Pure numbers in, plain results out."""

from server.estimation.assisted import AssistedProportion, dsl_mean, ppi_mean
from server.estimation.binomial import clopper_pearson_interval, jeffreys_interval
from server.estimation.clusters import ClusterEstimate, cluster_interval, cluster_proportion, effective_size
from server.estimation.confusion import CorrectedProportions, misclassification_corrected_proportions
from server.estimation.limits import Interval
from server.estimation.multinomial import SimultaneousIntervals, goodman_intervals, sison_glaz_intervals
from server.estimation.proportions import Proportion, proportion, wilson_interval
from server.estimation.rogan_gladen import Accuracy, CorrectedProportion, rogan_gladen
from server.estimation.strata import DesignEstimate, stratified_proportion
from server.estimation.surveys import survey_proportion

__all__ = [
    "Accuracy",
    "AssistedProportion",
    "ClusterEstimate",
    "CorrectedProportion",
    "CorrectedProportions",
    "DesignEstimate",
    "Interval",
    "Proportion",
    "SimultaneousIntervals",
    "clopper_pearson_interval",
    "cluster_interval",
    "cluster_proportion",
    "dsl_mean",
    "effective_size",
    "goodman_intervals",
    "jeffreys_interval",
    "misclassification_corrected_proportions",
    "ppi_mean",
    "proportion",
    "rogan_gladen",
    "sison_glaz_intervals",
    "stratified_proportion",
    "survey_proportion",
    "wilson_interval",
]

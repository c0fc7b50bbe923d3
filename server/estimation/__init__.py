"""Estimates for publication: proportions with honest intervals. Pure numbers in, plain results out."""

from server.estimation.binomial import clopper_pearson_interval, jeffreys_interval
from server.estimation.clusters import ClusterEstimate, cluster_interval, cluster_proportion, effective_size
from server.estimation.limits import Interval
from server.estimation.multinomial import SimultaneousIntervals, goodman_intervals, sison_glaz_intervals
from server.estimation.proportions import Proportion, proportion, wilson_interval
from server.estimation.strata import DesignEstimate, stratified_proportion
from server.estimation.surveys import survey_proportion

__all__ = [
    "ClusterEstimate",
    "DesignEstimate",
    "Interval",
    "Proportion",
    "SimultaneousIntervals",
    "clopper_pearson_interval",
    "cluster_interval",
    "cluster_proportion",
    "effective_size",
    "goodman_intervals",
    "jeffreys_interval",
    "proportion",
    "sison_glaz_intervals",
    "stratified_proportion",
    "survey_proportion",
    "wilson_interval",
]

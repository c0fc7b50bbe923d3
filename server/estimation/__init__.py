"""Estimates for publication: proportions with honest intervals. Pure numbers in, plain results out."""

from server.estimation.binomial import clopper_pearson_interval, jeffreys_interval
from server.estimation.clusters import ClusterEstimate, cluster_interval, cluster_proportion, effective_size
from server.estimation.limits import Interval
from server.estimation.multinomial import SimultaneousIntervals, goodman_intervals, sison_glaz_intervals
from server.estimation.proportions import Proportion, proportion, wilson_interval

__all__ = [
    "ClusterEstimate",
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
    "wilson_interval",
]

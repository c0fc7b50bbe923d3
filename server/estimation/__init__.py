"""Estimates for publication: proportions with honest intervals. Pure numbers in, plain results out."""

from server.estimation.binomial import clopper_pearson_interval, jeffreys_interval
from server.estimation.clusters import ClusterEstimate, cluster_interval, cluster_proportion, effective_size
from server.estimation.limits import Interval
from server.estimation.proportions import Proportion, proportion, wilson_interval

__all__ = [
    "ClusterEstimate",
    "Interval",
    "Proportion",
    "clopper_pearson_interval",
    "cluster_interval",
    "cluster_proportion",
    "effective_size",
    "jeffreys_interval",
    "proportion",
    "wilson_interval",
]

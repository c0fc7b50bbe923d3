"""Estimates for publication: proportions with honest intervals. Pure numbers in, plain results out."""

from server.estimation.clusters import ClusterEstimate, cluster_interval, cluster_proportion, effective_size
from server.estimation.proportions import Interval, Proportion, proportion, wilson_interval

__all__ = [
    "ClusterEstimate",
    "Interval",
    "Proportion",
    "cluster_interval",
    "cluster_proportion",
    "effective_size",
    "proportion",
    "wilson_interval",
]

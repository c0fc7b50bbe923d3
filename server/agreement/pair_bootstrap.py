"""Krippendorff's own bootstrap of alpha: for comparison with KALPHA's output only.

It draws pairs of values as if each were an observation, and takes the expected disagreement as known. Pairs
of one post are not independent and the margins are estimated, so its intervals are too narrow: on the data of
Hayes & Krippendorff (2007) less than half as wide as resampling the posts gives.
"""

import numpy as np

from server.agreement.arrays import FloatArray
from server.agreement.patterns import CountPatterns
from server.agreement.scales import Scale, midranks


def alpha_of_drawn_pairs(patterns: CountPatterns, scale: Scale, seed: int, resamples: int) -> FloatArray:
    """Alpha in each resample (resamples), for patterns of which alpha is defined.

    Hayes & Krippendorff (2007), Communication Methods and Measures 1:77-89, appendix: as many pairs as the
    posts hold, Σ m (m - 1) / 2, are drawn with the frequencies of the coincidence matrix; alpha is 1 less
    their mean δ² over the expected one.
    """
    counts = np.where(patterns.pairable[:, None], scale.on_values(patterns.counts), 0).astype(np.float64)
    codings, posts = counts.sum(axis=1), patterns.frequencies
    per_post = np.divide(posts, codings - 1, out=np.zeros(len(posts)), where=codings > 1)
    coincidences = (counts * per_post[:, None]).T @ counts - np.diag(per_post @ counts)
    margins = posts @ counts
    distances = _distances(scale, margins)
    n = margins.sum()
    expected = (margins @ distances @ margins) / (n * (n - 1))
    n_pairs = int(posts @ (codings * (codings - 1) / 2))
    chances = np.maximum(coincidences, 0).reshape(-1)
    drawn = np.random.default_rng(seed).multinomial(n_pairs, chances / chances.sum(), size=resamples)
    return np.asarray(1 - drawn @ distances.reshape(-1) / (n_pairs * expected))


def _distances(scale: Scale, margins: FloatArray) -> FloatArray:
    if scale.level != "ordinal":
        return scale.distances()
    ranks = midranks(margins[None, :])[0]
    return np.asarray(np.square(ranks[:, None] - ranks[None, :]))

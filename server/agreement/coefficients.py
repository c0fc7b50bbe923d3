"""Agreement coefficients of posts in count patterns, for many weightings of the patterns at once.

Each function takes weights (n_weightings × n_patterns): how many posts show each pattern. The data itself
is one weighting, a resample another. The answer (n_weightings) is NaN where the coefficient is undefined;
NaN stays inside this package, where it is turned into a reason or counted.
"""

import numpy as np

from server.agreement.arrays import BoolArray, FloatArray
from server.agreement.patterns import CountPatterns
from server.agreement.scales import Scale, midranks


def percent_agreement(patterns: CountPatterns, weights: FloatArray) -> FloatArray:
    """Observed agreement: the mean over posts of the share of pairs of codings that agree.

    Fleiss (1971): p_a = mean of Σ n_k (n_k - 1) / (m (m - 1)) over the posts with m ≥ 2 codings, each of
    which counts once however many codings it has (Gwet 2014, chapter 2). Between 0 and 1. Undefined without
    such a post.
    """
    counts, codings = patterns.counts.astype(np.float64), patterns.codings.astype(np.float64)
    agreeing = (counts * (counts - 1)).sum(axis=1)
    share = np.where(patterns.pairable, agreeing / np.maximum(codings * (codings - 1), 1), 0)
    posts = weights @ patterns.pairable.astype(np.float64)
    return _ratio(weights @ share, posts, posts > 0)


def krippendorff_alpha(patterns: CountPatterns, weights: FloatArray, scale: Scale) -> FloatArray:
    """Krippendorff's alpha = 1 - observed / expected disagreement of pairs of values within posts.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C–D: D_o = Σ o_ck δ²_ck / n,
    D_e = Σ n_c n_k δ²_ck / (n(n - 1)), over the n codings that can be paired; a post weighs as much as it
    has codings; posts with one coding do not matter. At most 1; 0 where coding is by chance; below 0 where it
    disagrees more than that. Undefined where the pairable codings all have the same value, or there are none.
    """
    counts = np.where(patterns.pairable[:, None], scale.on_values(patterns.counts), 0).astype(np.float64)
    margins = weights @ counts
    if scale.level == "ordinal":
        observed, expected = _ordinal_disagreement(counts, weights, margins)
    else:
        observed, expected = _disagreement(counts, weights, margins, scale.distances())
    return alpha(observed, expected, margins.sum(axis=1))


def alpha(observed: FloatArray, expected: FloatArray, codings: FloatArray) -> FloatArray:
    """Alpha from Σ o_ck δ²_ck, Σ n_c n_k δ²_ck and n; undefined where nothing differs."""
    return 1 - _ratio((codings - 1) * observed, expected, expected > 0)


def fleiss_kappa(patterns: CountPatterns, weights: FloatArray) -> FloatArray:
    """Fleiss' kappa = (p_a - p_e) / (1 - p_e), p_e = Σ π_k².

    Fleiss (1971), in the form that Gwet (2014, chapter 2) gives it for unequal numbers of codings: p_a is
    `percent_agreement`, and π_k the mean over all coded posts of the share of category k. So a post with one
    coding says nothing about agreement, but counts in the margins. Where all posts have equally many codings
    this is Fleiss' own. At most 1. Undefined where all codings use one category, or no post can be paired.
    """
    margins = _mean_shares(patterns, weights)
    by_chance = np.square(margins).sum(axis=1)
    observed = percent_agreement(patterns, weights)
    return _ratio(observed - by_chance, 1 - by_chance, _varied(patterns, weights))


def gwet_ac1(patterns: CountPatterns, weights: FloatArray) -> FloatArray:
    """Gwet's AC1 = (p_a - p_e) / (1 - p_e), p_e = Σ π_k (1 - π_k) / (q - 1).

    Gwet (2008), Brit. J. Math. Stat. Psychol. 61, extended to unequal numbers of codings in Gwet (2014,
    chapter 2); p_a and π_k as in `fleiss_kappa`, with q the number of categories of the codebook, used or
    not. At most 1. Undefined where no post can be paired, and, by a convention of ours, where all codings
    use one category: the formula says 1 there, of codings that show no agreement beyond chance.
    """
    margins = _mean_shares(patterns, weights)
    by_chance = (margins * (1 - margins)).sum(axis=1) / max(patterns.n_categories - 1, 1)
    observed = percent_agreement(patterns, weights)
    return _ratio(observed - by_chance, 1 - by_chance, _varied(patterns, weights))


def _mean_shares(patterns: CountPatterns, weights: FloatArray) -> FloatArray:
    posts = weights @ patterns.coded.astype(np.float64)
    return np.asarray(weights @ patterns.shares / np.maximum(posts, 1)[:, None])


def _varied(patterns: CountPatterns, weights: FloatArray) -> BoolArray:
    """Whether more than one category was used."""
    used = weights @ patterns.counts.astype(np.float64) > 0
    return np.asarray(used.sum(axis=1) > 1)


def _disagreement(
    counts: FloatArray, weights: FloatArray, margins: FloatArray, distances: FloatArray
) -> tuple[FloatArray, FloatArray]:
    within = (counts @ distances * counts).sum(axis=1) * _per_partner(counts)
    return weights @ within, (margins @ distances * margins).sum(axis=1)


def _ordinal_disagreement(
    counts: FloatArray, weights: FloatArray, margins: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The same where each weighting has its own distances; value by value, for memory's sake."""
    ranks, per_partner = midranks(margins), _per_partner(counts)
    observed, expected = np.zeros(len(weights)), np.zeros(len(weights))
    for value in range(counts.shape[1] - 1):
        above = slice(value + 1, None)
        distance = np.square(ranks[:, above] - ranks[:, [value]])
        together = counts[:, above] * (counts[:, value] * per_partner)[:, None]
        observed += 2 * (weights @ together * distance).sum(axis=1)
        expected += 2 * (margins[:, above] * margins[:, [value]] * distance).sum(axis=1)
    return observed, expected


def _per_partner(counts: FloatArray) -> FloatArray:
    """1 / (m - 1) for posts of m codings, 0 where there is nothing to pair (n_patterns)."""
    codings = counts.sum(axis=1)
    return np.where(codings > 1, 1 / np.maximum(codings - 1, 1), 0)


def _ratio(above: FloatArray, below: FloatArray, defined: BoolArray) -> FloatArray:
    """`above / below`, NaN where undefined."""
    answer = np.full(len(above), np.nan)
    np.divide(above, below, out=answer, where=defined)
    return answer

"""Agreement coefficients of posts in count patterns: each as a function of a few sums over the posts.

Each function gives the statistic of these patterns, ready for any weighting of them: the data itself is one
weighting, a resample another. NaN, where a coefficient is undefined, stays inside this package: it is turned
into a reason or counted.

`agreement` are weights of categories (n_categories × n_categories; see `weights`), the identity when left
out. With them the coefficients are Gwet's (2014, Handbook of Inter-Rater Reliability, 4th edition, chapters
2 to 4) for any number of annotators, and for posts with unequally many codings.
"""

from collections.abc import Callable

import numpy as np

from server.agreement.arrays import BoolArray, FloatArray
from server.agreement.ordinal import ordinal_alpha
from server.agreement.patterns import CountPatterns
from server.agreement.scales import Scale
from server.agreement.statistics import OfSums, Weighable, alpha_of, ratio

# Agreement by chance (n) from the mean share of each category (n × n_categories).
ByChance = Callable[[FloatArray], FloatArray]


def percent_agreement(patterns: CountPatterns, agreement: FloatArray | None = None) -> OfSums:
    """Observed agreement: the mean over posts of the share of pairs of codings that agree.

    Fleiss (1971): p_a = mean of Σ n_k (n_k - 1) / (m (m - 1)) over the posts with m ≥ 2 codings, each of
    which counts once however many codings it has; weighted, n*_k - 1 with n*_k = Σ w_kl n_l takes the place
    of n_k - 1 (Gwet 2014, chapter 4). Between 0 and 1. Undefined without such a post.
    """
    columns = np.column_stack([patterns.agreeing(agreement), patterns.pairable])
    return OfSums(columns, lambda sums: ratio(sums[:, 0], sums[:, 1], sums[:, 1] > 0))


def fleiss_kappa(patterns: CountPatterns, agreement: FloatArray | None = None) -> OfSums:
    """Fleiss' kappa = (p_a - p_e) / (1 - p_e), p_e = Σ w_kl π_k π_l.

    Fleiss (1971), in the form that Gwet (2014, chapter 2) gives it for unequal numbers of codings: p_a is
    `percent_agreement`, and π_k the mean over all coded posts of the share of category k. So a post with one
    coding says nothing about agreement, but counts in the margins. Where all posts have equally many codings
    this is Fleiss' own; with two it is Scott's (1955) pi. At most 1. Undefined where all codings use one
    category, or no post can be paired.
    """
    weights = _or_identity(patterns, agreement)
    return _beyond_chance(patterns, agreement, lambda shares: (shares @ weights * shares).sum(axis=1))


def gwet_ac(patterns: CountPatterns, agreement: FloatArray | None = None) -> OfSums:
    """Gwet's AC1, with weights AC2 = (p_a - p_e) / (1 - p_e), p_e = T / (q (q - 1)) Σ π_k (1 - π_k).

    Gwet (2008), Brit. J. Math. Stat. Psychol. 61:29-48; T is the sum of all weights, q the number of
    categories of the codebook, used or not; p_a and π_k as in `fleiss_kappa`. At most 1. Undefined where no
    post can be paired, and, by a convention of ours, where all codings use one category: the formula says 1
    there, of codings that show no agreement beyond chance.
    """
    weights, q = _or_identity(patterns, agreement), patterns.n_categories
    factor = weights.sum() / (q * max(q - 1, 1))
    return _beyond_chance(patterns, agreement, lambda shares: factor * (shares * (1 - shares)).sum(axis=1))


def brennan_prediger(patterns: CountPatterns, agreement: FloatArray | None = None) -> OfSums:
    """Brennan and Prediger's kappa = (p_a - p_e) / (1 - p_e), p_e = T / q²: all categories as likely.

    Brennan & Prediger (1981), Educ. Psychol. Meas. 41:687-699; Bennett's S, and for two categories PABAK.
    T is the sum of all weights, q the number of categories of the codebook. From -1 / (q - 1) to 1.
    Undefined as `gwet_ac` is.
    """
    weights, q = _or_identity(patterns, agreement), patterns.n_categories
    by_chance = weights.sum() / q**2
    return _beyond_chance(patterns, agreement, lambda shares: np.full(len(shares), by_chance))


def specific_agreement(patterns: CountPatterns, category: int) -> OfSums:
    """Agreement on one category: Σ n_k (n_k - 1) / Σ n_k (m - 1) over the posts with m ≥ 2 codings.

    Cicchetti & Feinstein (1990), J. Clin. Epidemiol. 43:551-558, for two annotators; for more, each pair of
    codings counts (Fleiss 1971). Given that somebody chose k, how likely another one does. Between 0 and 1.
    Undefined where nobody chose the category on such a post.
    """
    chosen = np.where(patterns.pairable, patterns.counts[:, category], 0).astype(np.float64)
    columns = np.column_stack([chosen * (chosen - 1), chosen * (patterns.codings - 1)])
    return OfSums(columns, lambda sums: ratio(sums[:, 0], sums[:, 1], sums[:, 1] > 0))


def krippendorff_alpha(patterns: CountPatterns, scale: Scale) -> Weighable:
    """Krippendorff's alpha = 1 - observed / expected disagreement of pairs of values within posts.

    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C–D: D_o = Σ o_ck δ²_ck / n,
    D_e = Σ n_c n_k δ²_ck / (n(n - 1)), over the n codings that can be paired; a post weighs as much as it
    has codings; posts with one coding do not matter. At most 1; 0 where coding is by chance; below 0 where it
    disagrees more than that. Undefined where the pairable codings all have the same value, or there are none.
    """
    counts = np.where(patterns.pairable[:, None], scale.on_values(patterns.counts), 0).astype(np.float64)
    if scale.level == "ordinal":
        return ordinal_alpha(counts, _per_partner(counts))
    return _alpha(counts, scale.distances())


def _or_identity(patterns: CountPatterns, agreement: FloatArray | None) -> FloatArray:
    return np.eye(patterns.n_categories) if agreement is None else agreement


def _beyond_chance(patterns: CountPatterns, agreement: FloatArray | None, by_chance: ByChance) -> OfSums:
    """(p_a - p_e) / (1 - p_e); the sums are agreeing posts, pairable posts, coded posts, shares."""
    columns = np.column_stack(
        [patterns.agreeing(agreement), patterns.pairable, patterns.coded, patterns.shares]
    )

    def of(sums: FloatArray) -> FloatArray:
        margins = sums[:, 3:]
        observed = ratio(sums[:, 0], sums[:, 1], sums[:, 1] > 0)
        expected = by_chance(margins / np.maximum(sums[:, [2]], np.finfo(np.float64).tiny))
        return ratio(observed - expected, 1 - expected, _varied(margins) & (expected < 1))

    return OfSums(columns, of)


def _varied(margins: FloatArray) -> BoolArray:
    """Whether more than one category was used."""
    return np.asarray((margins > 0).sum(axis=1) > 1)


def _alpha(counts: FloatArray, distances: FloatArray) -> OfSums:
    within = (counts @ distances * counts).sum(axis=1) * _per_partner(counts)

    def parts(sums: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        margins = sums[:, 1:]
        return sums[:, 0], (margins @ distances * margins).sum(axis=1), margins.sum(axis=1)

    return alpha_of(np.column_stack([within, counts]), parts)


def _per_partner(counts: FloatArray) -> FloatArray:
    """1 / (m - 1) for posts of m codings, 0 where there is nothing to pair (n_patterns)."""
    codings = counts.sum(axis=1)
    return np.where(codings > 1, 1 / np.maximum(codings - 1, 1), 0)

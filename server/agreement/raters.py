"""Annotators who are known by name, any number of them: for coefficients that ask who coded."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from server.agreement.arrays import BoolArray, FloatArray, IntArray, same_length, whole_numbers
from server.agreement.patterns import CountPatterns
from server.agreement.statistics import OfSums, ratio

NOT_CODED = -1


@dataclass(frozen=True, eq=False)
class RaterPatterns:
    """`frequencies[p]` posts were given category `category[p, g]` by annotator g, -1 where g did not code.

    `category` is (n_patterns × n_annotators); the same pattern may stand in several rows.
    """

    category: IntArray
    frequencies: IntArray
    n_categories: int

    def __post_init__(self) -> None:
        given = np.asarray(self.category)
        object.__setattr__(self, "category", whole_numbers(given + 1, "category", dimensions=2) - 1)
        object.__setattr__(self, "frequencies", whole_numbers(self.frequencies, "frequencies"))
        same_length([self.category, self.frequencies], "category and frequencies")
        if self.category.size and int(self.category.max()) >= self.n_categories:
            raise ValueError(f"There are {self.n_categories} categories, counted from 0.")

    @property
    def n_annotators(self) -> int:
        """How many annotators there are."""
        return int(self.category.shape[1])

    @cached_property
    def chosen(self) -> BoolArray:
        """Whether annotator g gave category k (n_patterns × n_annotators × n_categories)."""
        return np.asarray(self.category[:, :, None] == np.arange(self.n_categories))

    @cached_property
    def counts(self) -> CountPatterns:
        """The same posts with the names forgotten, row by row."""
        return CountPatterns(self.chosen.sum(axis=1), self.frequencies)


def conger_kappa(patterns: RaterPatterns, agreement: FloatArray | None = None) -> OfSums:
    """Conger's kappa = (p_a - p_e) / (1 - p_e), p_e the chance agreement of two annotators drawn at random.

    Conger (1980), Psychol. Bull. 88:322-328, as Gwet (2014, chapter 2) gives it for missing codings:
    p_e = Σ w_kl (p̄_k p̄_l - s_kl / r), p_gk the share of category k among the codings of annotator g, p̄ their
    mean and s_kl their covariance over the r annotators. With two annotators it is Cohen's kappa. At most 1.
    Undefined where one category was used throughout, without a post to compare, and with one annotator.
    """
    counts = patterns.counts
    weights = np.eye(patterns.n_categories) if agreement is None else agreement
    margins = patterns.chosen.reshape(
        len(patterns.frequencies), patterns.n_annotators * patterns.n_categories
    )

    def of(sums: FloatArray) -> FloatArray:
        by_rater = sums[:, 2:].reshape(-1, patterns.n_annotators, patterns.n_categories)
        expected = _chance_of_two(by_rater, weights)
        observed = ratio(sums[:, 0], sums[:, 1], sums[:, 1] > 0)
        varied = (by_rater.sum(axis=1) > 0).sum(axis=1) > 1
        return ratio(observed - expected, 1 - expected, varied & (expected < 1))

    return OfSums(
        np.column_stack([counts.agreeing(weights), counts.pairable, margins]).astype(np.float64), of
    )


def _chance_of_two(by_rater: FloatArray, weights: FloatArray) -> FloatArray:
    """Σ over ordered pairs of different annotators of Σ w_kl p_gk p_hl, by the number of such pairs (n)."""
    codings = by_rater.sum(axis=2, keepdims=True)
    shares = np.divide(by_rater, codings, out=np.zeros_like(by_rater), where=codings > 0)
    active = (codings[:, :, 0] > 0).sum(axis=1)
    whole = shares.sum(axis=1)
    together = (whole @ weights * whole).sum(axis=1) - (shares @ weights * shares).sum(axis=(1, 2))
    return np.asarray(together / np.maximum(active * (active - 1), 1))

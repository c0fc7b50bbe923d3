"""Pairs of annotators: Cohen's kappa, and what the one said where the other said something else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.agreement import agree_on_pair
from server.reliability.answers import AnswerPatterns, Ints, SharedPosts
from server.reliability.figures import PairAgreement
from server.reliability.measuring import Measuring
from server.reliability.queries import Annotator

Table = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class PairsWanted:
    """Which pairs to compare: on one code of a multiple choice or on all, all pairs or the `most` shared."""

    code: str | None = None
    most: int | None = None


@dataclass(frozen=True)
class Pairing:
    """How pairs are compared, and who the annotators are."""

    annotators: dict[int, Annotator]
    wanted: PairsWanted
    measuring: Measuring

    def agreements(
        self, patterns: AnswerPatterns, category: Ints, n_categories: int, code: str | None
    ) -> tuple[PairAgreement, ...]:
        """The pairs with most posts in common first; `category` (n_answers) is what is compared."""
        pairs = patterns.pairs[: self.wanted.most]
        return tuple(self._agreement(pair, patterns, category, n_categories, code) for pair in pairs)

    def _agreement(
        self, pair: SharedPosts, patterns: AnswerPatterns, category: Ints, n_categories: int, code: str | None
    ) -> PairAgreement:
        table, clusters = pair.table(category, n_categories, patterns.clusters)
        coefficients = agree_on_pair(table, **self.measuring.options(clusters))
        return PairAgreement(
            self.annotators[pair.first],
            self.annotators[pair.second],
            code,
            pair.n_posts,
            coefficients,
            as_table(table.counts),
        )


def confusion(patterns: AnswerPatterns, category: Ints, n_categories: int) -> Table:
    """What met what on the posts of all pairs, each pair counted both ways round."""
    total = np.zeros((n_categories, n_categories), dtype=np.int64)
    for pair in patterns.pairs:
        total += pair.table(category, n_categories, None)[0].counts
    return as_table(total + total.T)


def as_table(counts: Ints) -> Table:
    """The counts as plain numbers."""
    rows: Sequence[Sequence[int]] = counts.tolist()
    return tuple(tuple(row) for row in rows)

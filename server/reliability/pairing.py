"""Pairs of annotators: Cohen's kappa, and what the one said where the other said something else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.agreement import ClusterWeights, PairTable
from server.reliability.answers import AnswerPatterns, Ints, SharedPosts
from server.reliability.figures import PairAgreement
from server.reliability.measuring import Measuring
from server.reliability.queries import Annotator

Table = tuple[tuple[int, ...], ...]
Values = Sequence[float | None] | None


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
        self,
        patterns: AnswerPatterns,
        category: Ints,
        n_categories: int,
        code: str | None,
        values: Values = None,
    ) -> tuple[PairAgreement, ...]:
        """The pairs with most posts in common first.

        `category` (n_answers) is what is compared, on yes or no of a `code` or on all codes with these
        `values`.
        """
        return tuple(
            self._agreement(pair, code, values, *pair.table(category, n_categories, patterns.clusters))
            for pair in patterns.pairs[: self.wanted.most]
        )

    def _agreement(
        self,
        pair: SharedPosts,
        code: str | None,
        values: Values,
        table: PairTable,
        clusters: ClusterWeights | None,
    ) -> PairAgreement:
        return PairAgreement(
            self.annotators[pair.first],
            self.annotators[pair.second],
            code,
            pair.n_posts,
            self.measuring.of_pair(table, clusters, values),
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

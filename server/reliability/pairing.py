"""Pairs of annotators: how they agree, and what the one said where the other said something else.

Codes have Cohen's kappa. Numbers have no list of categories whose margins chance could be reckoned from, and
a near miss is not a miss: theirs is Krippendorff's alpha of the two at the level of measurement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from server.agreement import ClusterWeights, Coefficient, PairTable
from server.reliability.answers import AnswerPatterns, Ints, SharedPosts
from server.reliability.figures import PairAgreement
from server.reliability.measuring import Measuring
from server.reliability.queries import Annotator

Table = tuple[tuple[int, ...], ...]
Values = Sequence[float | None] | None
# A table and the values of its categories.
Key = tuple[bytes, int, tuple[float | None, ...] | None]


@dataclass(frozen=True)
class PairsWanted:
    """Which pairs to compare: on one code of a multiple choice or on all, all pairs or the `most` shared.

    `most_of_code` is for each code of a multiple choice, `most` where it is None.
    """

    code: str | None = None
    most: int | None = None
    most_of_code: int | None = None

    def among(self, pairs: list[SharedPosts], code: str | None) -> list[SharedPosts]:
        """Those of the pairs, most shared posts first, that are compared on this code or on all of them."""
        is_limited = code is not None and self.most_of_code is not None
        return pairs[: self.most_of_code if is_limited else self.most]


@dataclass(frozen=True)
class Pairing:
    """How pairs are compared, and who the annotators are. `known` keeps what tables were found to say."""

    annotators: dict[int, Annotator]
    wanted: PairsWanted
    measuring: Measuring
    known: dict[Key, tuple[Coefficient, ...]] = field(default_factory=dict, compare=False)

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
            for pair in self.wanted.among(patterns.pairs, code)
        )

    def agreements_on_numbers(
        self, patterns: AnswerPatterns, values: Sequence[float]
    ) -> tuple[PairAgreement, ...]:
        """The same of a number variable, with the `values` (n_answers) that were given."""
        return tuple(
            self._on_numbers(pair, patterns.clusters, values)
            for pair in self.wanted.among(patterns.pairs, None)
        )

    def _on_numbers(
        self, pair: SharedPosts, clusters: ClusterWeights | None, values: Sequence[float]
    ) -> PairAgreement:
        answers, given = pair.unnamed(clusters)
        found = self.measuring.of_numbers(answers, [values[answer] for answer in given])
        first, second = self.annotators[pair.first], self.annotators[pair.second]
        return PairAgreement(first, second, None, pair.n_posts, found, ())

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
            self._found(table, clusters, values),
            as_table(table.counts),
        )

    def _found(
        self, table: PairTable, clusters: ClusterWeights | None, values: Values
    ) -> tuple[Coefficient, ...]:
        """The coefficients of a table.

        Among many annotators most pairs share few posts, so that few tables differ; and what is drawn from
        one seed out of equal tables is equal, unless authors are drawn.
        """
        if clusters is not None:
            return self.measuring.of_pair(table, clusters, values)
        key = (table.counts.tobytes(), len(table.counts), None if values is None else tuple(values))
        if key not in self.known:
            self.known[key] = self.measuring.of_pair(table, None, values)
        return self.known[key]


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

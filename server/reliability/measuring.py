"""Which coefficients are computed for which kind of variable, and at which level of measurement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from server.agreement import (
    ClusterWeights,
    Coefficient,
    CountPatterns,
    IntervalMethod,
    Level,
    Options,
    PairTable,
    WeightsName,
    agree_on_pair,
    agree_on_patterns,
    agree_on_sets_by,
    alpha_on_patterns,
    prevalence,
    specific_agreements,
)
from server.codebooks.queries import CodeInfo
from server.language import gettext as _
from server.reliability.answers import Bools, UnnamedAnswers
from server.reliability.figures import CodeAgreement
from server.reliability.fitting import why_no_level, why_no_weights

LEVEL_OF_KIND: dict[str, Level] = {
    "single": "nominal",
    "multiple": "nominal",
    "ordinal": "ordinal",
    "number": "interval",
    "text": "nominal",
}
# Patterns times different numbers; beyond this the table of counts would not fit into memory.
_MOST_CELLS = 20_000_000
# What the weights of categories do not enter.
_UNWEIGHTED = frozenset({"krippendorff_alpha", "holsti"})


@dataclass(frozen=True)
class Measuring:
    """How coefficients are computed. `level` replaces that of the variable's kind where it is given.

    `is_full` asks for Conger's kappa and specific agreement too, which the pages leave out; `is_alpha_alone`
    for Krippendorff's alpha and nothing else, of whole answers and of each code.
    """

    level: Level | None
    seed: int
    resamples: int
    weights: WeightsName = "identity"
    method: IntervalMethod = "bca"
    confidence: float = 0.95
    is_full: bool = False
    is_alpha_alone: bool = False

    def options(self, clusters: ClusterWeights | None) -> Options:
        """How the intervals are made, for posts of these authors."""
        return {
            "clusters": clusters,
            "seed": self.seed,
            "resamples": self.resamples,
            "method": self.method,
            "confidence": self.confidence,
        }

    def level_of(self, kind: str) -> Level:
        """The level of measurement of a variable; whole sets and texts know no other than names."""
        own = LEVEL_OF_KIND[kind]
        return own if self.level is None or kind in {"multiple", "text"} else self.level

    def of_numbers(self, answers: UnnamedAnswers, values: Sequence[float]) -> tuple[Coefficient, ...]:
        """Percent agreement and alpha. Kappa and AC1 need a list of categories, which numbers lack."""
        level = self.level_of("number")
        if len(answers.rows) * len(values) > _MOST_CELLS:
            return (self.absent("krippendorff_alpha", level, answers, _too_many(len(values))),)
        return self._of_counts(answers, values or (0.0,), level)[:2]

    def of_codes(
        self, answers: UnnamedAnswers, codes: Sequence[CodeInfo], kind: str
    ) -> tuple[Coefficient, ...]:
        """Percent agreement, alpha at the level, Fleiss' kappa and AC1 of a variable with one answer."""
        return self._of_counts(answers, self.values_of(codes, kind) or (0.0,), self.level_of(kind))

    def values_of(self, codes: Sequence[CodeInfo], kind: str) -> Sequence[float | None]:
        """The numbers of the codes; their order where that is all that is asked of them."""
        values = [code.value for code in codes]
        if kind == "ordinal" and None in values and self.level_of(kind) in {"nominal", "ordinal"}:
            return list(range(len(codes)))
        return values

    def of_pair(
        self, table: PairTable, clusters: ClusterWeights | None, values: Sequence[float | None] | None
    ) -> tuple[Coefficient, ...]:
        """The coefficients of two annotators; without `values` two categories either agree or do not."""
        options = self.options(clusters)
        if values is None:
            return agree_on_pair(table, **options)
        return self.weighted(values, lambda weights: agree_on_pair(table, values, weights, **options))

    def of_sets(self, answers: UnnamedAnswers, contents: Bools) -> tuple[Coefficient, ...]:
        """Alpha of the whole answers to a multiple choice, under MASI and under Jaccard distance."""
        if self.is_alpha_alone:
            return ()
        return agree_on_sets_by(("masi", "jaccard"), answers.sets(contents), **self.options(answers.clusters))

    def of_code(self, answers: UnnamedAnswers, code: CodeInfo, holds: Bools) -> CodeAgreement:
        """The coefficients of one code against the rest; `holds` (n_categories)."""
        patterns, clusters = answers.yes_no(holds)
        coefficients = self._measured(patterns, clusters)
        if self.is_full:
            coefficients = *coefficients, specific_agreements(patterns, **self.options(clusters))[1]
        shares = prevalence(patterns)
        extent = patterns.extent
        return CodeAgreement(
            code.key,
            code.label,
            extent.n_units,
            extent.n_pairable,
            extent.n_codings,
            int(patterns.frequencies @ patterns.counts[:, 1]),
            None if shares is None else float(shares[1]),
            coefficients,
        )

    def _measured(
        self,
        patterns: CountPatterns,
        clusters: ClusterWeights | None,
        values: Sequence[float | None] | None = None,
        level: Level = "nominal",
        weights: WeightsName = "identity",
    ) -> tuple[Coefficient, ...]:
        options = self.options(clusters)
        if self.is_alpha_alone:
            return (alpha_on_patterns(patterns, values, level, **options),)
        return agree_on_patterns(patterns, values, level, weights, **options)

    def _of_counts(
        self, answers: UnnamedAnswers, values: Sequence[float | None], level: Level
    ) -> tuple[Coefficient, ...]:
        patterns: CountPatterns = answers.counts(len(values))
        why_not = why_no_level(level, values)
        fitting: Level = "nominal" if why_not else level
        found = self.weighted(
            values, lambda weights: self._measured(patterns, answers.clusters, values, fitting, weights)
        )
        if not why_not:
            return found
        return tuple(
            replace(_undefined(one, why_not), level=level) if one.name == "krippendorff_alpha" else one
            for one in found
        )

    def weighted(
        self,
        values: Sequence[float | None],
        measured: Callable[[WeightsName], tuple[Coefficient, ...]],
    ) -> tuple[Coefficient, ...]:
        """What is measured under the weights; undefined where the values do not fit them, and why."""
        why_not = why_no_weights(self.weights, values)
        if not why_not:
            return measured(self.weights)
        return tuple(
            one if one.name in _UNWEIGHTED else replace(_undefined(one, why_not), weights=self.weights)
            for one in measured("identity")
        )

    def absent(self, name: str, level: Level, answers: UnnamedAnswers, why: str) -> Coefficient:
        """A coefficient that is not computed, and why."""
        extent = answers.extent
        return Coefficient(
            name=name,
            level=level,
            estimate=None,
            interval=None,
            undefined=why,
            n_units=extent.n_units,
            n_pairable=extent.n_pairable,
            n_codings=extent.n_codings,
            resamples=self.resamples,
            undefined_resamples=self.resamples,
            seed=self.seed,
            method=self.method,
            confidence=self.confidence,
        )


def _undefined(one: Coefficient, why: str) -> Coefficient:
    return replace(
        one,
        estimate=None,
        interval=None,
        standard_error=None,
        undefined=why,
        no_interval=None,
        undefined_resamples=one.resamples,
    )


def _too_many(n_values: int) -> str:
    return _("There are {n} different numbers, too many to compare. Round them or group them first.").format(
        n=n_values
    )

"""Which coefficients are computed for which kind of variable, and at which level of measurement."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.agreement import (
    ClusterWeights,
    Coefficient,
    CountPatterns,
    IntervalMethod,
    Level,
    Options,
    WeightsName,
    agree_on_patterns,
    agree_on_sets,
    prevalence,
)
from server.codebooks.queries import CodeInfo
from server.language import gettext as _
from server.reliability.answers import Bools, UnnamedAnswers
from server.reliability.figures import CodeAgreement

LEVEL_OF_KIND: dict[str, Level] = {
    "single": "nominal",
    "multiple": "nominal",
    "ordinal": "ordinal",
    "number": "interval",
    "text": "nominal",
}
# Patterns times different numbers; beyond this the table of counts would not fit into memory.
_MOST_CELLS = 20_000_000


@dataclass(frozen=True)
class Measuring:
    """How coefficients are computed. `level` replaces that of the variable's kind where it is given."""

    level: Level | None
    seed: int
    resamples: int
    weights: WeightsName = "identity"
    method: IntervalMethod = "bootstrap"
    confidence: float = 0.95

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
            return (self._absent("krippendorff_alpha", level, answers, _too_many(len(values))),)
        return self._of_counts(answers, values or (0.0,), level)[:2]

    def of_codes(
        self, answers: UnnamedAnswers, codes: Sequence[CodeInfo], kind: str
    ) -> tuple[Coefficient, ...]:
        """Percent agreement, alpha at the level, Fleiss' kappa and AC1 of a variable with one answer."""
        level = self.level_of(kind)
        values = [code.value for code in codes]
        if kind == "ordinal" and level == "ordinal" and None in values:
            values = list(range(len(codes)))  # The codebook's order says all that this level asks.
        return self._of_counts(answers, values or (0.0,), level)

    def of_sets(self, answers: UnnamedAnswers, contents: Bools) -> tuple[Coefficient, ...]:
        """Alpha of the whole answers to a multiple choice, under MASI and under Jaccard distance."""
        sets, options = answers.sets(contents), self.options(answers.clusters)
        return agree_on_sets(sets, "masi", **options), agree_on_sets(sets, "jaccard", **options)

    def of_code(self, answers: UnnamedAnswers, code: CodeInfo, holds: Bools) -> CodeAgreement:
        """The four coefficients of one code against the rest; `holds` (n_categories)."""
        patterns, clusters = answers.yes_no(holds)
        coefficients = agree_on_patterns(patterns, **self.options(clusters))
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

    def _of_counts(
        self, answers: UnnamedAnswers, values: Sequence[float | None], level: Level
    ) -> tuple[Coefficient, ...]:
        patterns: CountPatterns = answers.counts(len(values))
        why_not = _why_not(level, values)
        found = agree_on_patterns(
            patterns,
            None if why_not else values,
            "nominal" if why_not else level,
            "identity" if why_not else self.weights,
            **self.options(answers.clusters),
        )
        if not why_not:
            return found
        agreed, _alpha, *kappas = found
        return agreed, self._absent("krippendorff_alpha", level, answers, why_not), *kappas

    def _absent(self, name: str, level: Level, answers: UnnamedAnswers, why: str) -> Coefficient:
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
        )


def _why_not(level: Level, values: Sequence[float | None]) -> str:
    """Why a variable with these values has no alpha at this level; empty where it has one."""
    if level == "nominal":
        return ""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return _("Not every code of this variable has a number, which the {level} level needs.").format(
            level=level
        )
    if level == "ratio" and min(numbers) < 0:
        return _("The ratio level needs numbers from zero, and this variable has negative ones.")
    return ""


def _too_many(n_values: int) -> str:
    return _("There are {n} different numbers, too many to compare. Round them or group them first.").format(
        n=n_values
    )

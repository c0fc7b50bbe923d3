"""The tables of the page as plain rows: to download, and to copy as text."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.agreement import Coefficient
from server.reliability.against_rest import AgainstRest
from server.reliability.figures import VariableAgreement, named
from server.reliability.screens import Confusion
from server.reliability.trend import Trend

Cell = str | int | float | None
# The tables for which pairs have to be compared.
OF_PAIRS = frozenset({"pairs", "confusion"})
_NUMBERS = (
    "estimate",
    "low",
    "high",
    "standard_error",
    "posts",
    "method",
    "resamples",
    "undefined_resamples",
)
_COEFFICIENT = (*_NUMBERS, "seed", "undefined")


@dataclass(frozen=True)
class Sheet:
    """A table with the names of its columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def text(self) -> str:
        """The table as text, cells apart by tabs, numbers to three decimals."""
        return "\n".join("\t".join(map(_said, row)) for row in (self.columns, *self.rows))


def sheets(
    variable: VariableAgreement, rest: AgainstRest, confusion: Confusion | None, trend: Trend
) -> dict[str, Sheet]:
    """Every table that the page shows of a variable, by its name in the address."""
    found = {
        "answers": _answers(variable),
        "codes": _codes(variable, rest),
        "annotators": _annotators(rest),
        "pairs": _pairs(variable),
        "confusion": _confusion(confusion),
        "trend": _trend(trend),
    }
    return {name: sheet for name, sheet in found.items() if sheet.rows}


def _answers(variable: VariableAgreement) -> Sheet:
    rows = ((one.name, one.level, *_cells(one)) for one in variable.coefficients)
    return Sheet(("coefficient", "level", *_COEFFICIENT), tuple(rows))


def _codes(variable: VariableAgreement, rest: AgainstRest) -> Sheet:
    others = ("percent_agreement", "fleiss_kappa", "gwet_ac")
    rows = []
    for code in variable.codes:
        found = [named(code.coefficients, name) for name in others]
        without = rest.ranges.get(code.key)
        rows.append(
            (
                code.key,
                code.label,
                code.n_chosen,
                code.prevalence,
                *_cells(code.alpha),
                *((without.low, without.high) if without else (None, None)),
                *(one.estimate if one else None for one in found),
            )
        )
    left_out = ("lowest_without_one", "highest_without_one")
    columns = ("code", "label", "chosen", "prevalence", *(f"alpha_{name}" for name in _COEFFICIENT))
    return Sheet((*columns, *left_out, *others), tuple(rows))


def _annotators(rest: AgainstRest) -> Sheet:
    columns = ("annotator", "posts", "agreement_with_others", "alpha_with_others", "alpha_without")
    return Sheet(
        columns, tuple((one.name, one.n_posts, one.agreed, one.alpha, one.without) for one in rest.lines)
    )


def _pairs(variable: VariableAgreement) -> Sheet:
    rows = []
    for pair in variable.pairs:
        agreed = named(pair.coefficients, "percent_agreement")
        share = agreed.estimate if agreed else None
        rows.append((pair.first.name, pair.second.name, pair.code, share, *_cells(pair.beyond_chance)))
    columns = ("first", "second", "code", "percent_agreement")
    name = "alpha" if variable.kind == "number" else "kappa"
    return Sheet((*columns, *(f"{name}_{part}" for part in _COEFFICIENT)), tuple(rows))


def _confusion(confusion: Confusion | None) -> Sheet:
    if confusion is None:
        return Sheet((), ())
    rows: list[tuple[Cell, ...]] = []
    for label, cells in confusion.rows:
        rows.append((label, *(cell.count for cell in cells)))
    return Sheet(("", *confusion.labels), tuple(rows))


def _trend(trend: Trend) -> Sheet:
    others = ("percent_agreement", "gwet_ac")
    columns = ("rounds", "codebook_version", "prevalence", *others)
    rows = []
    for step in (*trend.rounds, *trend.versions):
        numbers = " ".join(str(one.number) for one in step.rounds)
        values = (step.value(name) for name in others)
        rows.append((numbers, step.version, step.prevalence, *values, *_cells(step.measured_alpha)))
    return Sheet((*columns, *(f"alpha_{name}" for name in _COEFFICIENT)), tuple(rows))


def _cells(one: Coefficient) -> Sequence[Cell]:
    low, high = one.interval or (None, None)
    extent = (
        one.standard_error,
        one.n_pairable,
        one.method,
        one.resamples,
        one.undefined_resamples,
        one.seed,
    )
    return one.estimate, low, high, *extent, one.undefined


def _said(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return "" if cell is None else " ".join(str(cell).split())

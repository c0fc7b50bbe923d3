"""Agreement on every variable of a project, as its page, other features and the shell show it."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from server.agreement import DEFAULT_RESAMPLES, Coefficient
from server.projects.access import Access
from server.reliability.figures import AgreementReport, CodeAgreement, PairAgreement, VariableAgreement
from server.reliability.material import ALL_PAIRS, DEFAULT_SEED, material_of
from server.reliability.measuring import Measuring
from server.reliability.pairing import PairsWanted

USUAL = Measuring(None, DEFAULT_SEED, DEFAULT_RESAMPLES)


def agreement_report(
    db: Session,
    access: Access,
    measuring: Measuring = USUAL,
    *,
    rounds: Sequence[int] | None = None,
    group: str | None = None,
    variable: str | None = None,
    pairs: PairsWanted | None = ALL_PAIRS,
) -> AgreementReport:
    """Agreement as the member who asks may see it.

    Args:
        db: A session.
        access: Who asks.
        measuring: How the coefficients are computed.
        rounds: Numbers of the rounds that count; all but training when left out.
        group: Only the codings of annotators of this group.
        variable: The key of the only variable wanted.
        pairs: Which pairs of annotators are compared; None for none.

    Raises:
        Refusal: There is no such round, group, level or variable, or too few resamples.
    """
    return material_of(db, access, measuring, rounds, group).report(variable, pairs)


def as_json(report: AgreementReport) -> dict[str, Any]:
    """The report as plain values for `json.dumps`."""
    return {
        "rounds": [one.number for one in report.rounds],
        "hidden_rounds": [{"round": one.number, "why": one.why_no_figures} for one in report.hidden],
        "group": report.group,
        "seed": report.seed,
        "resamples": report.resamples,
        "variables": [variable_json(variable) for variable in report.variables],
    }


def variable_json(variable: VariableAgreement) -> dict[str, Any]:
    """What is said of one variable, as plain values."""
    return {
        "variable": variable.key,
        "kind": variable.kind,
        "level": variable.level,
        "units": variable.n_units,
        "units_pairable": variable.n_pairable,
        "annotators": variable.n_annotators,
        "codings": variable.n_codings,
        "authors": variable.n_authors,
        "repeats": variable.n_repeats,
        "note": variable.note,
        "coefficients": [_coefficient_json(one) for one in variable.coefficients],
        "codes": [_code_json(code) for code in variable.codes],
        "pairs": [_pair_json(pair, [code.key for code in variable.codes]) for pair in variable.pairs],
    }


def _code_json(code: CodeAgreement) -> dict[str, Any]:
    return {
        "code": code.key,
        "prevalence": code.prevalence,
        "chosen": code.n_chosen,
        "units": code.n_units,
        "units_pairable": code.n_pairable,
        "codings": code.n_codings,
        "coefficients": [_coefficient_json(one) for one in code.coefficients],
    }


def _pair_json(pair: PairAgreement, codes: Sequence[str]) -> dict[str, Any]:
    return {
        "annotators": [pair.first.name, pair.second.name],
        "a": pair.first.name,
        "b": pair.second.name,
        "code": pair.code,
        "units": pair.n_posts,
        "posts": pair.n_posts,
        "coefficients": [_coefficient_json(one) for one in pair.coefficients],
        "confusion": _confusion_json(pair, codes if pair.code is None else ("no", "yes")),
    }


def _confusion_json(pair: PairAgreement, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """On how many posts the first annotator said this and the second that."""
    return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, pair.table, strict=True)}


def _coefficient_json(one: Coefficient) -> dict[str, Any]:
    return {
        "name": one.name,
        "level": one.level,
        "weights": one.weights,
        "estimate": one.estimate,
        "standard_error": one.standard_error,
        "interval": None if one.interval is None else list(one.interval),
        "method": one.method,
        "undefined": one.undefined,
        "no_interval": one.no_interval,
        "undefined_resamples": one.undefined_resamples,
    }

"""Agreement on every variable of a project, as its page, other features and the shell show it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from server.agreement import DEFAULT_RESAMPLES, FEWEST_RESAMPLES, LEVELS, Coefficient, Level, is_confidence
from server.errors import Refusal
from server.language import gettext as _
from server.projects.access import Access
from server.reliability.codings import Selection
from server.reliability.figures import AgreementReport, CodeAgreement, PairAgreement, VariableAgreement
from server.reliability.grouping import answered
from server.reliability.inquiry import Study
from server.reliability.measuring import Measuring
from server.reliability.pairing import Pairing, PairsWanted
from server.reliability.queries import (
    Question,
    annotators_of,
    chosen_rounds,
    groups_of,
    questions_of,
    rounds_of,
    swaying,
)

DEFAULT_SEED = 20250806
ALL_PAIRS = PairsWanted()


def agreement_report(
    db: Session,
    access: Access,
    rounds: Sequence[int] | None = None,
    group: str | None = None,
    level: Level | None = None,
    variable: str | None = None,
    seed: int = DEFAULT_SEED,
    resamples: int = DEFAULT_RESAMPLES,
    pairs: PairsWanted | None = ALL_PAIRS,
    how: Measuring | None = None,
) -> AgreementReport:
    """Agreement as the member who asks may see it.

    Args:
        db: A session.
        access: Who asks.
        rounds: Numbers of the rounds that count; all but training when left out.
        group: Only the codings of annotators of this group.
        level: The level of measurement of every variable with one answer, instead of its own.
        variable: The key of the only variable wanted.
        seed: What the bootstrap resamples are drawn with.
        resamples: How many are drawn.
        pairs: Which pairs of annotators are compared; None for none.
        how: Everything about the coefficients at once, instead of level, seed and resamples.

    Raises:
        Refusal: There is no such round, group, level or variable, or too few resamples.
    """
    measuring = how or Measuring(level, seed, resamples)
    _refuse_strange(measuring)
    all_rounds = rounds_of(db, access)
    chosen = chosen_rounds(all_rounds, rounds)
    why_no_pairs = next((one.why_no_codings for one in chosen if one.why_no_codings), "")
    selection = Selection(
        access.project_id, (), _members(db, access, group, why_no_pairs), swaying(all_rounds)
    )
    named = None if pairs is None or why_no_pairs else Pairing(annotators_of(db, access), pairs, measuring)
    study = Study(
        lambda question, of: answered(db, question, replace(selection, rounds=of)), measuring, named
    )
    found = [study.agreement(one) for one in _wanted(questions_of(db, chosen), variable)]
    hidden = tuple(one for one in all_rounds if one.why_no_figures)
    return AgreementReport(
        tuple(found), chosen, hidden, group, measuring.seed, measuring.resamples, why_no_pairs
    )


def _refuse_strange(asked: Measuring) -> None:
    if asked.level is not None and asked.level not in LEVELS:
        raise Refusal(
            _("{level} is not a level of measurement. Use one of: {levels}.").format(
                level=asked.level, levels=", ".join(LEVELS)
            )
        )
    if asked.resamples < FEWEST_RESAMPLES:
        raise Refusal(_("An interval needs at least {n} resamples.").format(n=FEWEST_RESAMPLES))
    if asked.seed < 0:
        raise Refusal(_("The seed must be a whole number from 0."))
    if not is_confidence(asked.confidence):
        raise Refusal(
            _("The confidence lies between 0 and 1, as 0.95 does, and not {n}.").format(n=asked.confidence)
        )


def _members(db: Session, access: Access, group: str | None, why_no_pairs: str) -> tuple[int, ...] | None:
    if group is None:
        return None
    if why_no_pairs:
        # Figures of a few annotators come close to showing what each of them said.
        raise Refusal(why_no_pairs)
    groups = groups_of(db, access)
    if group not in groups:
        known = ", ".join(groups) or _("none")
        raise Refusal(
            _("No annotator belongs to the group {group}. Groups of this project: {known}.").format(
                group=group, known=known
            )
        )
    return groups[group]


def _wanted(questions: Sequence[Question], variable: str | None) -> Sequence[Question]:
    if variable is None:
        return questions
    wanted = [question for question in questions if question.key == variable]
    if questions and not wanted:
        known = ", ".join(question.key for question in questions)
        raise Refusal(
            _("These rounds do not ask the variable {variable}. They ask: {known}.").format(
                variable=variable, known=known
            )
        )
    return wanted


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

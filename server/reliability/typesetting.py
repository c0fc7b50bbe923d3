"""The tables of the page of agreement as papers print them, in the reader's words and the APA's numbers."""

from collections.abc import Iterable

from server.agreement import Coefficient
from server.language import gettext as _
from server.reliability.agreement_page import Findings
from server.reliability.figures import CodeAgreement, named
from server.reliability.screens import coefficient_label, reason_of
from server.typeset import ApaTable, Column, Section
from server.typeset.numbers import UNDEFINED, bounded, count, interval


def answer_table(findings: Findings) -> ApaTable | None:
    """The coefficients of the whole variable; None where the page has none."""
    variable = findings.variable
    if not variable.coefficients or not variable.n_codings:
        return None
    columns = (
        Column(_("Coefficient"), is_number=False),
        Column(_("Value")),
        Column("SE", is_symbol=True),
        Column(_("95% CI")),
    )
    labelled = [(coefficient_label(one.name, one.level), one) for one in variable.coefficients]
    rows = tuple(
        (label, bounded(one.estimate), bounded(one.standard_error), interval(one.interval))
        for label, one in labelled
    )
    title = _("Agreement: {question}").format(question=variable.label)
    notes = (_abbreviations(), findings.basis["answers"], *_reasons(labelled), _dashes(rows))
    return ApaTable(title, columns, (Section("", rows),), notes)


def code_table(findings: Findings) -> ApaTable | None:
    """The coefficients of each code; None where the page has none."""
    variable = findings.variable
    if not variable.codes or not variable.n_codings:
        return None
    columns = (
        Column(_("Code"), is_number=False),
        Column("n", is_symbol=True),
        Column(_("Proportion")),
        Column("α", is_symbol=True),
        Column(_("95% CI")),
        Column(_("Agreement")),
        Column("κ", is_symbol=True),
        Column("AC1"),
    )
    rows = tuple(_code(code) for code in variable.codes)
    title = _("Agreement on each code: {question}").format(question=variable.label)
    said = _(
        "n: codings that chose the code, of {n}; α: Krippendorff's alpha, nominal; Agreement: as a "
        "proportion; κ: Fleiss' kappa; AC1: Gwet's."
    )
    reasons = _reasons([(code.label, code.alpha) for code in variable.codes])
    notes = (said.format(n=count(variable.n_codings)), findings.basis["codes"], *reasons, _dashes(rows))
    return ApaTable(title, columns, (Section("", rows),), (_abbreviations(), *notes))


def _code(code: CodeAgreement) -> tuple[str, ...]:
    others = [named(code.coefficients, name) for name in ("percent_agreement", "fleiss_kappa", "gwet_ac")]
    return (
        code.label,
        count(code.n_chosen),
        bounded(code.prevalence),
        bounded(code.alpha.estimate),
        interval(code.alpha.interval),
        *(bounded(one.estimate if one else None) for one in others),
    )


def _abbreviations() -> str:
    return _("CI: confidence interval.")


def _reasons(labelled: Iterable[tuple[str, Coefficient]]) -> tuple[str, ...]:
    """Why a coefficient is undefined, or has no interval."""
    found = ((label, reason_of(one)) for label, one in labelled)
    return tuple(f"{label}{_(':')} {reason}" for label, reason in found if reason)


def _dashes(rows: Iterable[tuple[str, ...]]) -> str:
    return _("A dash: undefined.") if any(UNDEFINED in row for row in rows) else ""

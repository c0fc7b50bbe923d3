"""The tables of the page of agreement as papers print them, in the reader's words and the APA's numbers."""

from collections.abc import Iterable

from server.agreement import Coefficient
from server.language import gettext as _
from server.reliability.agreement_page import Findings
from server.reliability.basis import ways_of_alpha
from server.reliability.figures import CodeAgreement, PairAgreement, named
from server.reliability.screens import coefficient_label, reason_of
from server.reliability.trend import Step
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
        Column("α"),
        Column(_("95% CI")),
        Column(_("Agreement")),
        Column("κ"),
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


def pair_table(findings: Findings) -> ApaTable | None:
    """How each two annotators agree on the posts that both coded; None where the page has no pairs."""
    pairs = findings.variable.pairs
    if not pairs:
        return None
    is_number = findings.variable.kind == "number"
    columns = (
        Column(_("Annotators"), is_number=False),
        Column("n", is_symbol=True),
        Column(_("Agreement")),
        Column("α" if is_number else "κ"),
        Column("SE", is_symbol=True),
        Column(_("95% CI")),
    )
    labelled = [(f"{pair.first.name}, {pair.second.name}", pair) for pair in pairs]
    rows = tuple(_pair(label, pair) for label, pair in labelled)
    said = _("n: posts that both coded; Agreement: as a proportion; κ: Cohen's kappa.")
    if is_number:
        said = _("n: posts that both coded; Agreement: as a proportion; α: Krippendorff's alpha.")
    reasons = _reasons([(label, pair.beyond_chance) for label, pair in labelled])
    notes = (said, _abbreviations(), findings.basis["pairs"], *reasons, _dashes(rows))
    title = _("Agreement of each pair: {question}").format(question=_about(findings))
    return ApaTable(title, columns, (Section("", rows),), notes)


def _pair(label: str, pair: PairAgreement) -> tuple[str, ...]:
    agreed, beyond = named(pair.coefficients, "percent_agreement"), pair.beyond_chance
    return (
        label,
        count(pair.n_posts),
        bounded(agreed.estimate if agreed else None),
        bounded(beyond.estimate),
        bounded(beyond.standard_error),
        interval(beyond.interval),
    )


def confusion_table(findings: Findings) -> ApaTable | None:
    """What met what on the same posts, its columns numbered as its rows are; None where the page has none."""
    confusion = findings.confusion
    if confusion is None:
        return None
    numbers = tuple(Column(str(place)) for place in range(1, len(confusion.labels) + 1))
    rows = tuple(
        (f"{place}. {label}", *(count(cell.count) for cell in cells))
        for place, (label, cells) in enumerate(confusion.rows, start=1)
    )
    said = _("Rows: {first}. Columns: {second}.").format(first=confusion.first, second=confusion.second)
    if not confusion.first:
        said = _("All pairs, each counted both ways round.")
    notes = (_("Numbers are posts."), said, _("On the diagonal both said the same."))
    title = _("Which answers met on the same post: {question}").format(question=_about(findings))
    return ApaTable(title, (Column(_("Code"), is_number=False), *numbers), (Section("", rows),), notes)


def trend_table(findings: Findings) -> ApaTable | None:
    """Agreement from round to round, and by versions of the codebook; None where the page has no trend."""
    trend = findings.trend
    if not trend.rounds:
        return None
    rounds = Section("", _steps(findings, trend.rounds))
    together = Section(
        _("Rounds with the same version of the codebook together"), _steps(findings, trend.versions)
    )
    every = [(step.label, step.measured_alpha) for step in (*trend.rounds, *trend.versions)]
    notes = (
        _("n: posts that two or more coded; α: Krippendorff's alpha; Agreement: as a proportion."),
        "" if findings.variable.kind == "number" else _("AC1: Gwet's."),
        _("Proportion: of codings that chose the code.") if findings.paired_code else "",
        _abbreviations(),
        ways_of_alpha([alpha for _label, alpha in every]),
        # A round that is alone under its version stands there twice.
        *dict.fromkeys(_reasons(every)),
        _dashes((*rounds.rows, *together.rows)),
    )
    title = _("Agreement from round to round: {question}").format(question=_about(findings))
    sections = (rounds, together) if trend.versions else (rounds,)
    return ApaTable(title, _columns_of_trend(findings), sections, notes)


def _columns_of_trend(findings: Findings) -> tuple[Column, ...]:
    return (
        Column(_("Round"), is_number=False),
        Column("n", is_symbol=True),
        *([Column(_("Proportion"))] if findings.paired_code else []),
        Column("α"),
        Column(_("95% CI")),
        Column(_("Agreement")),
        *([] if findings.variable.kind == "number" else [Column("AC1")]),
        Column(_("Codebook")),
    )


def _steps(findings: Findings, steps: Iterable[Step]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            step.label,
            count(step.n_posts),
            *([bounded(step.prevalence)] if findings.paired_code else []),
            bounded(step.measured_alpha.estimate),
            interval(step.measured_alpha.interval),
            bounded(step.value("percent_agreement")),
            *([] if findings.variable.kind == "number" else [bounded(step.value("gwet_ac"))]),
            str(step.version),
        )
        for step in steps
    )


def _about(findings: Findings) -> str:
    return findings.paired_code or findings.variable.label


def _abbreviations() -> str:
    return _("CI: confidence interval.")


def _reasons(labelled: Iterable[tuple[str, Coefficient]]) -> tuple[str, ...]:
    """Why a coefficient is undefined, or has no interval."""
    found = ((label, reason_of(one)) for label, one in labelled)
    return tuple(f"{label}{_(':')} {reason}" for label, reason in found if reason)


def _dashes(rows: Iterable[tuple[str, ...]]) -> str:
    return _("A dash: undefined.") if any(UNDEFINED in row for row in rows) else ""

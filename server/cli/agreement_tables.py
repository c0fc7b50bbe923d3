"""Agreement as tables to read: of the coefficients, and of the pairs of annotators."""

from collections.abc import Iterator
from dataclasses import dataclass

from server.agreement import Coefficient
from server.language import gettext as _
from server.reliability.figures import AgreementReport, PairAgreement, VariableAgreement, named
from server.reliability.pairing import PairsWanted
from server.reliability.screens import reason_of

# As many as the page shows: everybody with everybody up to ten annotators, and up to five of each code.
PAIRS_SHOWN = PairsWanted(most=45, most_of_code=10)

Line = tuple[str, ...]
_COEFFICIENTS = ("variable", "code", "coefficient", "level", "estimate", "standard error", "interval", "")
_PAIRS = (
    "variable",
    "code",
    "annotator",
    "annotator",
    "posts",
    "percent agreement",
    "coefficient",
    "estimate",
    "interval",
    "",
)


@dataclass(frozen=True)
class ReadTable:
    """A table with the names of its columns, and what is to be said below it."""

    columns: Line
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()


def tables_of(report: AgreementReport) -> tuple[ReadTable, ...]:
    """The coefficients of variables and codes; then the pairs, if there are any or a reason for none."""
    coefficients = ReadTable(_COEFFICIENTS, tuple(_coefficients(report)))
    pairs = ReadTable(_PAIRS, tuple(_pairs(report)), tuple(_notes(report)))
    return (coefficients, pairs) if pairs.lines or pairs.notes else (coefficients,)


def _coefficients(report: AgreementReport) -> Iterator[Line]:
    for variable in report.variables:
        for one in variable.coefficients:
            yield variable.key, "", *_figures(one)
        for code in variable.codes:
            for one in code.coefficients:
                yield variable.key, code.key, *_figures(one)


def _figures(one: Coefficient) -> Line:
    error = _decimals(one.standard_error)
    return one.name, one.level, _decimals(one.estimate), error, _interval(one), reason_of(one)


def _pairs(report: AgreementReport) -> Iterator[Line]:
    for variable in report.variables:
        for pair in variable.pairs:
            yield variable.key, pair.code or "", *_pair(pair)


def _pair(pair: PairAgreement) -> Line:
    agreed, found = named(pair.coefficients, "percent_agreement"), pair.beyond_chance
    return (
        pair.first.name,
        pair.second.name,
        str(pair.n_posts),
        _decimals(agreed.estimate if agreed else None),
        found.name,
        _decimals(found.estimate),
        _interval(found),
        reason_of(found),
    )


def _notes(report: AgreementReport) -> Iterator[str]:
    if report.why_no_pairs:
        yield _("Pairs of annotators are not shown.") + " " + report.why_no_pairs
        return
    for variable in report.variables:
        said = _left_out(variable)
        if said:
            yield f"{variable.key}: {said}" if variable.key else said


def _left_out(variable: VariableAgreement) -> str:
    """How many pairs there are, where the table has not all of them."""
    is_of_codes = variable.kind == "multiple"
    shown = PAIRS_SHOWN.most_of_code if is_of_codes else PAIRS_SHOWN.most
    if shown is None or variable.n_pairs <= shown:
        return ""
    said = (
        _("{all} pairs of annotators share posts; of each code, the {shown} that share most are shown.")
        if is_of_codes
        else _("{all} pairs of annotators share posts; the {shown} that share most are shown.")
    )
    counted = said.format(all=f"{variable.n_pairs:,}", shown=shown)
    return counted + " " + _("With --format json all are written.")


def _decimals(number: float | None) -> str:
    return "" if number is None else f"{number:.3f}"


def _interval(one: Coefficient) -> str:
    return "" if one.interval is None else "{:.3f} to {:.3f}".format(*one.interval)
